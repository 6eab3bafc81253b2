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
/** The only set that the reference's builders write. */
export const SET_NAME = 'all';

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
