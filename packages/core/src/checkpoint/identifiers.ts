/**
 * Names of puzzle identifiers beside the table rows that they stand for: row i of a table belongs to
 * name i. Kept inside each checkpoint, so that its rows can be found by name in another run; for a
 * million names of ARC that is 2 % of the table's bytes.
 */
import { join } from 'node:path';

import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { checkpointDamaged } from './errors.ts';
import type { CheckpointManifest } from './manifest.ts';

const IDENTIFIERS_FILE = 'identifiers.json';

/** As a file of `CheckpointContents.files`. */
export function identifiersFile(identifiers: readonly string[]): Record<string, Uint8Array> {
  return { [IDENTIFIERS_FILE]: Buffer.from(JSON.stringify(identifiers)) };
}

/** The names in a verified checkpoint; undefined when it has none. @throws CHECKPOINT_DAMAGED */
export async function readIdentifiers(checkpoint: {
  readonly path: string;
  readonly manifest: CheckpointManifest;
}): Promise<readonly string[] | undefined> {
  if (!(IDENTIFIERS_FILE in checkpoint.manifest.files)) return undefined;
  const file = join(checkpoint.path, IDENTIFIERS_FILE);
  const names = JSON.parse(await readInputText(file, JSON_LIMIT)) as unknown;
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  throw checkpointDamaged({ file, expected: 'a list of names', received: typeof names });
}
