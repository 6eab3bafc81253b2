/**
 * The source files of local plugins that a run keeps in its folder, in `sources/`, as they lay in the
 * project: a run that was moved to another machine brings the code that its pipeline names.
 */
import { createHash } from 'node:crypto';
import { dirname, join, relative, resolve, sep } from 'node:path';

import { z } from 'zod';

import { readInputText, SOURCE_LIMIT } from '../files/input-file.ts';
import { isInside } from '../config/project-paths.ts';
import { runSourcesDamaged } from './errors.ts';
import type { SourceFile } from './local-plugins.ts';

/** Folder of the kept files below that of a run. */
export const SOURCES_FOLDER = 'sources';

/** A path below `sources/`, with `/` between its parts: never absolute, and never up. */
const insidePath = z
  .string()
  .refine((path) => path !== '' && !/[\\\0]|^\/|(^|\/)\.{0,2}(\/|$)/.test(path));

export const keptSourcesSchema = z.looseObject({
  /** Where relative paths of the pipeline start, below `sources/`; empty for `sources/` itself. */
  base: insidePath.or(z.literal('')),
  /** Path below `sources/` → sha256. */
  files: z.record(insidePath, z.string()).readonly(),
});

export type KeptSources = Readonly<z.output<typeof keptSourcesSchema>>;

/** Files to keep, and what the manifest of the run says of them. */
export interface SourcesToKeep {
  readonly record: KeptSources;
  /** Path below `sources/` → text. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Returns what a run keeps of the files that its pipeline's local plugins are made of; undefined
 * where it has none.
 *
 * @param base  folder that the paths in `plugins:` start from
 */
export function sourcesToKeep(
  base: string,
  files: readonly SourceFile[],
): SourcesToKeep | undefined {
  if (files.length === 0) return undefined;
  // The deepest folder that holds all of them: a plugin may import a file above the pipeline's.
  let root = base;
  for (const { path } of files) {
    while (!isInside(root, path)) root = dirname(root);
  }
  const below = (path: string) => relative(root, path).split(sep).join('/');
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return {
    record: {
      base: below(base),
      files: Object.fromEntries(sorted.map(({ path, source }) => [below(path), sha256(source)])),
    },
    texts: new Map(sorted.map(({ path, source }) => [below(path), source])),
  };
}

/** Which of a run's files lie in the project that `base` belongs to, and which are other ones. */
export interface FoundSources {
  readonly missing: readonly string[];
  /** Absolute paths of files whose text is not that of the run's copy. */
  readonly changed: readonly string[];
}

/** Looks for the files that a run keeps where they would lie if its pipeline stood in `base`. */
export async function findSources(
  base: string,
  { base: keptBase, files }: KeptSources,
): Promise<FoundSources> {
  const up = keptBase === '' ? '.' : keptBase.replace(/[^/]+/g, '..');
  const missing: string[] = [];
  const changed: string[] = [];
  for (const [path, expected] of Object.entries(files)) {
    const file = resolve(base, up, path);
    const source = await readInputText(file, SOURCE_LIMIT).catch(() => undefined);
    if (source === undefined) missing.push(file);
    else if (sha256(source) !== expected) changed.push(file);
  }
  return { missing, changed };
}

/**
 * Compares the files in a run's folder with its manifest, before any of them is executed.
 *
 * @throws RUN_SOURCES_DAMAGED
 */
export async function verifySources(runFolder: string, { files }: KeptSources): Promise<void> {
  for (const [path, expected] of Object.entries(files)) {
    const file = join(runFolder, SOURCES_FOLDER, path);
    const source = await readInputText(file, SOURCE_LIMIT).catch(() => undefined);
    const received = source === undefined ? undefined : sha256(source);
    if (received !== expected) throw runSourcesDamaged(file, expected, received);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
