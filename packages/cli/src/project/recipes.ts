/** The pipeline files that a name can mean. Loads nothing heavy: completion on TAB asks for them. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { projectRootOf } from '@eddy/core/files';

const ENDINGS = ['', '.yml', '.yaml'];

/**
 * Looks at the path itself; for a bare name then in the project's `pipelines/`, then among the
 * recipes that come with Eddy. The folder of a run stands for its config. undefined where there is none.
 */
export function pipelineCalled(name: string): string | undefined {
  const isBare = basename(name) === name;
  const folders = isBare ? ['.', ...recipeFolders()] : ['.'];
  for (const folder of folders) {
    for (const ending of ENDINGS) {
      const file = resolve(folder, name + ending);
      if (existsSync(file) && statSync(file).isFile()) return file;
    }
  }
  const config = resolve(name, 'config.yml');
  return existsSync(config) && existsSync(resolve(name, 'manifest.json')) ? config : undefined;
}

/** The JSON Schema of pipeline files, for editors: the project's own, or the one that comes with Eddy. */
export function schemaFile(): string | undefined {
  return recipeFolders()
    .map((folder) => join(folder, 'schema.json'))
    .find((file) => existsSync(file));
}

/** Bare names of the recipes that there are. */
export function recipeNames(): string[] {
  return [...new Set(recipeFolders().flatMap(recipesIn))];
}

/** The project's own recipes first; then those of the package, or of the repository it is built in. */
function recipeFolders(): string[] {
  const packageFolder = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const project = projectRootOf(join(process.cwd(), 'any'));
  return [
    join(project, 'pipelines'),
    join(packageFolder, 'pipelines'),
    join(packageFolder, '..', '..', 'pipelines'),
  ].filter((folder) => existsSync(folder));
}

function recipesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => name.slice(0, -'.yml'.length));
}
