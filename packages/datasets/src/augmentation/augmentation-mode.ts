import { z } from 'zod';

/** The option `mode` of an augmentation. */
export const augmentationMode = z
  .enum(['materialised', 'on-the-fly'])
  .default('on-the-fly')
  .describe('write the versions to disk, or make them while sampling; both give the same batches');
