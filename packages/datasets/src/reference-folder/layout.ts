/**
 * Names and fields of a dataset folder of the reference:
 *
 *   identifiers.json, of ARC test_puzzles.json, and for each split
 *   <split>/dataset.json
 *   <split>/<set>__inputs.npy, __labels.npy [examples, seqLen]
 *   <split>/<set>__puzzle_identifiers.npy [puzzles], __puzzle_indices.npy [puzzles + 1],
 *   __group_indices.npy [groups + 1]
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/common.py, puzzle_dataset.py
 */
import { z } from 'zod';

export const IDENTIFIERS_FILE = 'identifiers.json';
export const METADATA_FILE = 'dataset.json';
/** Of ARC: the tasks that are tested on, for the evaluator. */
export const TEST_PUZZLES_FILE = 'test_puzzles.json';
/** The only set that the reference's builders write: a split that is not divided. */
const WHOLE_SET = 'all';
export const TRAIN = 'train';

/** Arrays of each set. */
export const COLUMNS = ['inputs', 'labels', 'puzzle_identifiers', 'puzzle_indices', 'group_indices']; // prettier-ignore

export const arrayFile = (set: string, column: string) => `${set}__${column}.npy`;

const count = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

/** `total_puzzles` is missing in folders that HRM built; other keys are left alone. */
export const metadataSchema = z.looseObject({
  pad_id: count,
  ignore_label_id: count.nullable(),
  blank_identifier_id: count,
  vocab_size: count.min(1).max(256),
  seq_len: count.min(1),
  num_puzzle_identifiers: count.min(1),
  total_groups: count,
  mean_puzzle_examples: z.number(),
  total_puzzles: count.optional(),
  // A name is part of a file's name.
  sets: z.array(z.string().regex(/^\w[\w-]*$/)).min(1),
});

export type ReferenceMetadata = z.output<typeof metadataSchema>;

/**
 * Splits → folders and their sets, a split each. The splits `test-a` and `test-b`, as dataset
 * `combined` names them, are sets `a` and `b` of the folder `test`: the reference evaluates the sets of
 * that folder apart, as we do the splits.
 */
export function foldersOf(splits: readonly string[]): Map<string, Map<string, string>> {
  const divided = (folder: string) => {
    const sets = splits.filter((split) => split === folder || split.startsWith(`${folder}-`));
    return folder !== TRAIN && sets.length > 1 && !sets.includes(`${folder}-${WHOLE_SET}`);
  };
  const folders = new Map<string, Map<string, string>>();
  for (const split of splits) {
    const [, before = split, after = WHOLE_SET] = /^(\w+)-(\w[\w-]*)$/.exec(split) ?? [];
    const [folder, set] = divided(before) ? [before, after] : [split, WHOLE_SET];
    folders.set(folder, (folders.get(folder) ?? new Map<string, string>()).set(set, split));
  }
  return folders;
}

/** The way back: splits → their sets. One trains on all sets of a folder, and evaluates them apart. */
export function splitsOf(folder: string, sets: readonly string[]): Map<string, readonly string[]> {
  if (folder === TRAIN || sets.length === 1) return new Map([[folder, sets]]);
  return new Map(
    sets.map((set) => [set === WHOLE_SET ? folder : `${folder}-${set}`, [set]] as const),
  );
}
