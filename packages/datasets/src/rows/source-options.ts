/** Options that datasets of files have in common. */
import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Keys of local files: spread into the `csv` options of a dataset. */
export const localFileOptions = {
  train: z
    .string()
    .min(1)
    .describe('CSV file with puzzles to train on: columns question, answer and, if known, rating'),
  test: z.string().min(1).nullish().describe('file with puzzles to test on'),
  heldOut: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe(
      'share of the training file to test on instead; none is an augmented copy of the rest',
    ),
};

export interface LocalFiles {
  readonly train: string;
  readonly test?: string | null | undefined;
  readonly heldOut: number;
}

/** A data set on the hub with train.csv and test.csv. */
export const hubOptions = (defaultRepo: string) =>
  z.strictObject({
    repo: z
      .string()
      .regex(/^\w[\w.-]*\/\w[\w.-]*$/) // a part of the cache's folder: no `..`
      .default(defaultRepo)
      .describe('dataset on the Hugging Face hub with train.csv and test.csv'),
    revision: z
      .string()
      .regex(/^[\w-][\w.-]*$/)
      .default('main')
      .describe('branch, tag or commit; pin a commit for data that cannot change'),
    sha256: z
      .strictObject({ train: sha256.optional(), test: sha256.optional() })
      .prefault({})
      .describe('sha256 checksums that the files must have'),
    hubUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe(
        'address of the hub or of a mirror; HF_ENDPOINT or https://huggingface.co by default',
      ),
  });

export type HubOptions = z.output<ReturnType<typeof hubOptions>>;

/** Which rows of the source, and the seed of all draws. */
export const rowChoiceOptions = {
  subsampleSize: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('number of puzzles to train on, drawn at random'),
  testSubsampleSize: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('number of puzzles to test on'),
  minDifficulty: z
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe('smallest rating of puzzles to use'),
  seed: z.int().min(0).default(0).describe('seed of generation, subsampling and holding out'),
};
