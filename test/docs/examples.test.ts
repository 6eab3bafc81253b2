/** Each plugin that comes with Eddy has an example in docs/examples, which is valid. */
import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';

import { readSettings } from '@eddy/core/config';
import { resolveConfig } from '@eddy/core/run';
import { describe, expect, it } from 'vitest';

import { BUILTIN } from '../../packages/cli/src/project/builtin.ts';
import { loadRegistry } from '../../packages/cli/src/project/load.ts';

const folder = resolve(import.meta.dirname, '../../docs/examples');
const plugins = (await loadRegistry(undefined)).list();

/** Files that only a user has; that they are missing is the one problem of these examples. */
const ABSENT: Readonly<Record<string, string>> = {
  'dataset reference-folder': 'data/sudoku-extreme-1k-aug-1000',
  'engine pjrt': '/opt/vendor/pjrt-plugin.so',
};

describe.each(plugins.map(({ kind, name }) => [kind, name]))(
  'the example of %s %s',
  (kind, name) => {
    const file = resolve(folder, kind, `${name}.yml`);

    it('is there, is valid and uses the plugin', async () => {
      expect(existsSync(file)).toBe(true);
      const resolved = resolveConfig(file, [], {
        builtin: BUILTIN,
        settings: await readSettings(),
      });
      const absent = ABSENT[`${kind} ${name}`];
      const problems = await resolved.then(
        () => 'none',
        (error: unknown) => String(error),
      );
      if (absent !== undefined && problems !== 'none') {
        expect(problems).toContain('1 problem');
        expect(problems).toContain(absent);
        return;
      }
      const { parts } = await resolved;
      expect(parts.map((part) => `${part.kind} ${part.reference.use}`)).toContain(
        `${kind} ${name}`,
      );
    });
  },
);

it('belongs to a plugin', () => {
  const examples = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.includes('/'))
    .map((path) => path.replace(/\.yml$/, ''));
  const known = plugins.map(({ kind, name }) => `${kind}/${name}`);
  expect(examples.toSorted()).toEqual(known.toSorted());
});
