/** Files of ARC tasks: combined ones, as on Kaggle, or folders with a file a task, as in the originals. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { JSON_LIMIT, readInputFile, refuseGitLfsPointerFile } from '@eddy/core/files';

import { arcTaskInvalid } from './errors.ts';
import { resolveDataFile } from '../files/data-file.ts';
import { entriesOf, parseJson, taskOf, type ArcTask } from './tasks.ts';

export interface TaskFiles {
  /** Tasks of a subset, by name. @throws ARC_TASK_INVALID, DATA_FILE_MISSING */
  read(subset: string): Promise<ArcTask[]>;
  /** Hash of the files of a subset. @throws DATA_FILE_MISSING */
  fingerprint(subset: string): Promise<string>;
}

/**
 * `<prefix>_<subset>_challenges.json` (name → task) and, where it is there,
 * `<prefix>_<subset>_solutions.json` (name → outputs of the test pairs).
 */
export function combinedFiles(prefix: string, configFolder: string): TaskFiles {
  const filesOf = (subset: string): string[] => {
    const challenges = resolveDataFile(challengesOf(prefix, subset), configFolder);
    const solutions = challenges.replace(/challenges\.json$/, 'solutions.json');
    return existsSync(solutions) ? [challenges, solutions] : [challenges];
  };
  return {
    async read(subset) {
      const [challenges, solutions] = filesOf(subset);
      const outputs =
        solutions === undefined
          ? undefined
          : new Map(entriesOf(await readJson(solutions), solutions));
      const tasks = entriesOf(await readJson(challenges!), challenges!).map(([name, value]) => {
        const at = { file: challenges!, path: JSON.stringify(name) };
        return outputs === undefined
          ? taskOf(name, value, at)
          : taskOf(name, value, at, {
              value: outputs.get(name),
              at: { file: solutions!, path: JSON.stringify(name) },
            });
      });
      return byName(tasks);
    },
    fingerprint: (subset) => hashOf(filesOf(subset)),
  };
}

export function challengesOf(prefix: string, subset: string): string {
  return `${prefix}_${subset}_challenges.json`;
}

/**
 * What other programs leave beside data: hidden files and folders (`.ipynb_checkpoints`, `._x.json` of
 * macOS), and folders of archives and caches.
 */
function isByproduct(entry: string): boolean {
  return entry.split(path.sep).some((name) => /^(?:\.|__MACOSX$|__pycache__$)/.test(name));
}

/**
 * A folder for each subset, searched through: every `*.json` in it is a task of the file's name, but
 * for byproducts of other programs.
 */
export function taskFolders(
  folders: Readonly<Record<string, string>>,
  configFolder: string,
): TaskFiles {
  const filesOf = async (subset: string): Promise<string[]> => {
    const folder = resolveDataFile(folders[subset]!, configFolder);
    const at = { file: folder, path: '', expected: 'a folder with *.json files' };
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
      (error: unknown) => {
        throw arcTaskInvalid({ ...at, received: String(error) });
      },
    );
    const files = entries
      .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.json'))
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
      .filter((entry) => !isByproduct(entry));
    if (files.length === 0) throw arcTaskInvalid({ ...at, received: 'none' });
    return files.sort().map((entry) => path.join(folder, entry));
  };
  return {
    async read(subset) {
      const tasks: ArcTask[] = [];
      for (const file of await filesOf(subset)) {
        const value = await readJson(file);
        tasks.push(taskOf(path.basename(file, '.json'), value, { file, path: '' }));
      }
      return byName(tasks);
    },
    fingerprint: async (subset) => hashOf(await filesOf(subset)),
  };
}

async function readJson(file: string): Promise<unknown> {
  await refuseGitLfsPointerFile(file);
  // Skips a byte order mark, as `readFile` would not.
  return parseJson(new TextDecoder().decode(await readInputFile(file, JSON_LIMIT)), file);
}

/** An order that depends neither on the file system nor on how JSON was written. */
function byName(tasks: ArcTask[]): ArcTask[] {
  return tasks.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = await readInputFile(file, JSON_LIMIT);
    hash.update(`${path.basename(file)} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}
