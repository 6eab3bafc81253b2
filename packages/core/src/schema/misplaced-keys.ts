/** Finds the place that a key belongs to which somebody wrote elsewhere, or under another name. */
import type { z } from 'zod';

import { formatPath, type Path } from '../config/config-node.ts';
import { knownNamesFor } from './foreign-names.ts';
import { shapeOf } from './schema-walk.ts';

/** A place with options: a plugin of the pipeline, or the pipeline itself. */
export interface OptionsPlace {
  readonly path: Path;
  readonly schema: z.core.$ZodType;
}

/**
 * Returns what to do with an unknown key; undefined where no place of this pipeline knows it, under any name.
 *
 * @param path  of the key, as written
 * @param places  the pipeline first, then its parts from the outside in
 */
export function misplacedKeyFix(path: Path, places: readonly OptionsPlace[]): string | undefined {
  const key = String(path.at(-1));
  for (const name of knownNamesFor(key)) {
    const words = name.split('.');
    const option = words.at(-1)!;
    const found = places
      .filter(({ schema }) => Object.hasOwn(shapeOf(schema) ?? {}, option))
      .filter(({ path: at }) => isUnder(at, words.slice(0, -1)))
      .toSorted((a, b) => shared(b.path, path) - shared(a.path, path));
    const [home] = found;
    if (home === undefined) continue;
    const right = formatPath([...home.path, option]);
    const isRenamed = option !== key;
    if (right === formatPath(path)) continue;
    const parent = formatPath(home.path);
    if (isRenamed) return `it is called ${right} here`;
    return parent === ''
      ? `${key} belongs at the top level of the file`
      : `${key} belongs to ${parent}: write ${right}`;
  }
  return undefined;
}

/** Whether a path ends with these words. */
function isUnder(path: Path, words: readonly string[]): boolean {
  return words.every((word, i) => path.at(i - words.length) === word);
}

/** Keys that two paths begin with in common: a stage's own option is nearer than another stage's. */
function shared(a: Path, b: Path): number {
  const differs = a.findIndex((key, i) => key !== b[i]);
  return differs === -1 ? a.length : differs;
}
