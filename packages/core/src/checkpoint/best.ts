/** Which checkpoint of a training is the best one so far: a small file beside its checkpoints. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { MonitoredMetric } from '../contracts/events.ts';
import { readDocument, writeDocument } from '../record/document.ts';
import { checkpointWriteFailed } from './errors.ts';

/** Name of the file, in the folder of a training's checkpoints. */
export const BEST_FILE = 'best.json';
const FORMAT = 'eddy-best/1';

/** The best checkpoint of a training, and by what. Its folder is named by its step. */
export interface BestCheckpoint extends MonitoredMetric {
  readonly step: number;
  readonly value: number;
  /** False if nobody asked for a choice (`train.monitor`): it is the best of what was evaluated. */
  readonly isMonitored: boolean;
}

const bestFile = z.looseObject({
  format: z.literal(FORMAT),
  step: z.int().min(0),
  value: z.number(),
  metric: z.string(),
  split: z.string(),
  mode: z.enum(['min', 'max']),
  isMonitored: z.boolean(),
});

/**
 * Returns what is recorded in a folder of checkpoints; undefined where nothing is, or nothing readable.
 *
 * @param warn  told of a record that is there and cannot be read
 */
export async function readBest(
  folder: string,
  warn: (text: string) => void = () => undefined,
): Promise<BestCheckpoint | undefined> {
  const path = join(folder, BEST_FILE);
  try {
    const { body } = await readDocument(path);
    const { format: _format, ...best } = bestFile.parse(body);
    return best;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      warn(`the record of the best checkpoint cannot be read and is passed over: ${path}`);
    }
    return undefined;
  }
}

/**
 * Records the best checkpoint of a folder that exists, or that there is none any more.
 *
 * @throws CHECKPOINT_WRITE_FAILED
 */
export async function writeBest(folder: string, best: BestCheckpoint | undefined): Promise<void> {
  const path = join(folder, BEST_FILE);
  const body = { format: FORMAT, ...best };
  try {
    await (best === undefined ? rm(path, { force: true }) : writeDocument(path, body));
  } catch (cause) {
    const neededBytes = JSON.stringify(body).length;
    throw checkpointWriteFailed({ path, neededBytes, freeBytes: null, cause });
  }
}
