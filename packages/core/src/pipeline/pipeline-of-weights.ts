/** Which pipeline file describes the model of some weights. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { runFolderOf } from '../checkpoint/find-checkpoint.ts';
import { openRunFolder } from '../run/run-folder.ts';
import { pipelineOfWeightsUnknown } from './errors.ts';

export const CONFIG_FILE = 'config.yml';

/**
 * The config beside a checkpoint, or of the run that it lies in.
 *
 * @throws PIPELINE_OF_WEIGHTS_UNKNOWN, RUN_NOT_FOUND, RUN_MANIFEST_INVALID
 */
export async function pipelineFileOf(weights: string): Promise<string> {
  const file = await findPipelineOf(weights);
  if (file === undefined) {
    await refuseDamagedRun(weights);
    throw pipelineOfWeightsUnknown(weights);
  }
  return file;
}

/** A run whose manifest is missing or cannot be read is not found from its checkpoints. @throws RUN_NOT_FOUND, RUN_MANIFEST_INVALID */
async function refuseDamagedRun(weights: string): Promise<void> {
  // run/checkpoints/step-1, or run/checkpoints/finetune/step-1
  for (const folder of [resolve(weights, '../..'), resolve(weights, '../../..')]) {
    const isThere = (name: string) => existsSync(join(folder, name));
    const isRun = isThere('manifest.json') || isThere('journal.jsonl');
    if (isThere(CONFIG_FILE) && isRun) await openRunFolder(folder);
  }
}

/** As `pipelineFileOf`; undefined when there is none. */
export async function findPipelineOf(weights: string): Promise<string | undefined> {
  const own = join(weights, CONFIG_FILE);
  if (existsSync(own)) return own;
  const run = await runFolderOf(weights);
  return run === undefined ? undefined : join(run, CONFIG_FILE);
}
