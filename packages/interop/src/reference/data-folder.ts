/** A dataset folder of the reference on this machine: what its metadata say. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { JSON_LIMIT, readInputTextSync } from '@eddy/core/files';
import { EddyError } from '@eddy/tensor/errors';

import { dataFolderInvalid } from './errors.ts';
import type { Builder } from './builders.ts';
import type { FoundFolder } from './datasets.ts';

/** @throws REFERENCE_FOLDER_UNREADABLE where something else is there. */
export function lookUpFolder(folder: string): FoundFolder | undefined {
  if (!existsSync(folder)) return undefined;
  if (!statSync(folder).isDirectory()) throw dataFolderInvalid(folder, 'a file');
  const file = join(folder, 'train', 'dataset.json');
  if (!existsSync(file)) throw dataFolderInvalid(folder, 'a folder without train/dataset.json');
  let metadata: unknown;
  try {
    metadata = JSON.parse(readInputTextSync(file, JSON_LIMIT).replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof EddyError) throw error;
    throw dataFolderInvalid(file, (error as Error).message);
  }
  const { vocab_size, seq_len } = Object(metadata) as Record<string, unknown>;
  if (typeof vocab_size !== 'number' || typeof seq_len !== 'number') {
    throw dataFolderInvalid(file, 'no vocab_size or seq_len');
  }
  return { task: taskOf(vocab_size, seq_len) };
}

/** The task whose builder writes such tokens. */
function taskOf(vocabSize: number, seqLen: number): Builder['task'] | undefined {
  const side = Math.sqrt(seqLen);
  if ([4, 6, 9].includes(side) && vocabSize === side + 2) return 'sudoku';
  if (vocabSize === 12 && seqLen === 900) return 'arc';
  if (vocabSize === 6 && Number.isInteger(side)) return 'maze';
  return undefined;
}
