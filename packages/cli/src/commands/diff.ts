import { diffRuns } from '@eddy/core/run';
import { toJson } from '@eddy/core/report';

import { BUILTIN } from '../project/builtin.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';
import { diffText } from '../render/run-diff.ts';

export async function diffCommand(
  a: string,
  b: string,
  options: CommonOptions & { readonly json?: boolean },
): Promise<void> {
  const settings = await loadSettings(options);
  const diff = await diffRuns({ a, b, builtin: BUILTIN, settings });
  process.stdout.write(options.json === true ? `${toJson(diff)}\n` : diffText(diff));
}
