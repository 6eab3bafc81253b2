import { definePlugin, type DatasetSource } from '@eddy/core';
import { z } from 'zod';

import { resolveDataFile } from '../files/data-file.ts';
import type { ReferenceMetadata } from './layout.ts';
import { fingerprintOf, groupsOfSplit, openReferenceFolder, statedSizes } from './read-folder.ts';
import { gridOfLength, symmetriesOf, taskOf, textOf } from './task.ts';

const config = z.strictObject({
  folder: z
    .string()
    .min(1)
    .describe('folder that a builder of TRM or HRM wrote: identifiers.json, train/, test/'),
  task: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .optional()
    .describe(
      'kind of puzzle; by default inferred from vocabulary and length for sudoku, maze and arc',
    ),
});

/**
 * Datasets as the reference's builders write them, of TRM or of HRM.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 puzzle_dataset.py
 */
export default definePlugin({
  kind: 'dataset',
  name: 'reference-folder',
  apiVersion: 1,
  summary: 'a dataset folder of the Python reference (TRM or HRM): .npy arrays and JSON',
  config,
  needs: ['configFolder'],
  create: async (options, { configFolder }): Promise<DatasetSource> => {
    const opened = await openReferenceFolder(resolveDataFile(options.folder, configFolder));
    const [stated] = Object.values(opened.metadata) as [ReferenceMetadata];
    const sizes = { vocabSize: stated.vocab_size, seqLen: stated.seq_len };
    const task = options.task ?? taskOf(sizes);
    const shape = { ...sizes, grid: gridOfLength(sizes.seqLen), task };
    const symmetries = symmetriesOf(task);
    return {
      describe: () => ({ ...shape, numPuzzleIdentifiers: stated.num_puzzle_identifiers }),
      metadata: () => ({
        ...shape,
        padId: stated.pad_id,
        ignoreLabelId: stated.ignore_label_id,
        blankIdentifierId: stated.blank_identifier_id,
      }),
      splits: [...opened.splits.keys()],
      expectedSizes: () => statedSizes(opened),
      groups: (split, signal) => groupsOfSplit(opened, split, signal),
      identifiers: () => opened.identifiers,
      fingerprint: () => fingerprintOf(opened),
      ...(symmetries === undefined ? {} : { symmetries }),
      ...textOf(task, sizes.seqLen),
    };
  },
});
