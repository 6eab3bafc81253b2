/** The versions of an example that `pipeline ui` shows: made by plugins, which the page does not know. */
import { exampleVersions } from '@eddy/core/run';
import type { UiServices } from '@eddy/ui';

import { BUILTIN } from '../project/builtin.ts';
import { loadSettings } from '../project/load.ts';

/** Returns the first versions of an example; undefined where its data are not in the cache. */
export const versionsOfExample: UiServices['versions'] = async (file, example) => {
  const settings = await loadSettings({});
  const made = await exampleVersions({ file, ...example, builtin: BUILTIN, settings });
  return (
    made && {
      total: made.total,
      versions: made.versions.map(({ version, input, label }) => ({
        version,
        input: [...input],
        label: [...label],
      })),
    }
  );
};
