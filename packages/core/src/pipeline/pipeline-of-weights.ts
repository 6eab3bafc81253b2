/** Which pipeline file describes the model of some weights. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { runFolderOf } from '../checkpoint/find-checkpoint.ts';
import { pipelineOfWeightsUnknown } from './errors.ts';

export const CONFIG_FILE = 'config.yml';

/** The config beside a checkpoint, or of the run that it lies in. @throws PIPELINE_OF_WEIGHTS_UNKNOWN */
export async function pipelineFileOf(weights: string): Promise<string> {
  const file = await findPipelineOf(weights);
  if (file === undefined) throw pipelineOfWeightsUnknown(weights);
  return file;
}

/** As `pipelineFileOf`; undefined when there is none. */
export async function findPipelineOf(weights: string): Promise<string | undefined> {
  const own = join(weights, CONFIG_FILE);
  if (existsSync(own)) return own;
  const run = await runFolderOf(weights);
  return run === undefined ? undefined : join(run, CONFIG_FILE);
}
