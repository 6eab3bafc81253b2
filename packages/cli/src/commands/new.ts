import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

import { outputExists } from '../project/errors.ts';
import { loadRegistry } from '../project/load.ts';
import { overwriteFile, writeNewFile } from '../project/new-file.ts';
import { renamedTemplate, templateOf } from '../project/templates.ts';
import { pluginFileInvalid, pluginNameTaken } from './errors.ts';

/** Lower case, because it is also the name in `use:`, and begins with a letter, as its class does. */
const PLUGIN_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** The plain words that YAML does not read as text. */
const NO_TEXT = ['true', 'false', 'null'];

/**
 * Writes a plugin file that runs, with its test, and prints how a pipeline uses it.
 *
 * @throws PLUGIN_FILE_INVALID, PLUGIN_NAME_TAKEN, OUTPUT_EXISTS
 */
export async function newCommand(
  kind: string,
  file: string,
  { force }: { readonly force?: boolean },
): Promise<void> {
  const name = basename(file, '.ts');
  if (!file.endsWith('.ts') || !PLUGIN_NAME.test(name) || NO_TEXT.includes(name)) {
    throw pluginFileInvalid(kind, file);
  }
  const builtin = (await loadRegistry(undefined))
    .list()
    .find((entry) => entry.kind === kind && entry.name === name);
  if (builtin !== undefined) throw pluginNameTaken(builtin, file);
  const plugin = renamedTemplate(templateOf(kind), name);
  const testFile = join(dirname(file), `${name}.test.ts`);
  const taken = [file, testFile].find((path) => existsSync(path));
  if (taken !== undefined && force !== true) {
    throw outputExists(taken, 'choose another name, or overwrite it: `--force`');
  }
  const write = force === true ? overwriteFile : writeNewFile;
  await write(file, plugin.source);
  await write(testFile, plugin.test);
  const yaml = plugin.yaml.replace(`./${name}.ts`, `./${relative('.', file)}`);
  process.stdout.write(`${file}\n${testFile}\n
In a pipeline file of this folder:

${yaml.replace(/^(?=.)/gm, '  ')}
Next:

  npx vitest run ${testFile}
  pipeline plugins ${name} --file PIPELINE.yml
  pipeline run PIPELINE.yml
`);
}
