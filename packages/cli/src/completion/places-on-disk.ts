/** Recipes, pipeline files and runs that an argument may name. */
import { existsSync, readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';

import { recipeNames } from '../project/recipes.ts';
import type { Candidate } from './command-line.ts';

/** Names of the arguments that are pipeline files. */
const FILES = new Set(['file', 'source', 'pipeline']);
/** Names of the arguments that are runs, or lie in one. */
const RUNS = new Set([
  'run',
  'from',
  'checkpoint',
  'checkpoints',
  'a',
  'b',
  'folder',
  'archive',
  'path',
  'output',
]);

export function isPlace(name: string): boolean {
  return FILES.has(name) || RUNS.has(name);
}

/** @param typed  the beginning of the path */
export function placesFor(name: string, typed: string): Candidate[] {
  const isFile = FILES.has(name);
  const recipes =
    isFile && !typed.includes('/')
      ? recipeNames().map((text) => ({ text, description: 'recipe' }))
      : [];
  const runs = name === 'path' || name === 'output' ? [] : runFolders();
  const own = isFile ? [] : runs;
  const names = new Set(own.map(({ text }) => `${text}/`));
  const files = entries(typed, (file) => !isFile || /\.ya?ml$/.test(file));
  // A run is what is wanted, not what is in it.
  return [...recipes, ...own, ...files.filter(({ text }) => !names.has(text))];
}

/** The runs in the folders where commands put them, the newest first. */
function runFolders(): Candidate[] {
  const roots = ['runs', '.'].filter((root) => existsSync(root));
  return roots.flatMap((root) =>
    list(root)
      .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'journal.jsonl')))
      .map((entry) => ({
        path: root === '.' ? entry.name : `${root}/${entry.name}`,
        startedMs: modifiedMs(join(root, entry.name)),
      }))
      .sort((a, b) => b.startedMs - a.startedMs)
      .map(({ path }) => ({ text: path, description: 'run' })),
  );
}

/** Files and folders of the folder that is being typed. */
function entries(typed: string, wanted: (file: string) => boolean): Candidate[] {
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  const showsHidden = typed.slice(folder.length).startsWith('.');
  return list(folder === '' ? '.' : folder)
    .filter((entry) => showsHidden || !entry.name.startsWith('.'))
    .flatMap((entry) => {
      const text = folder + entry.name;
      if (isFolder(entry, text)) return [{ text: `${text}/`, isOpen: true }];
      return wanted(entry.name) ? [{ text }] : [];
    });
}

function isFolder(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function modifiedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
