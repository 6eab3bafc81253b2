/** The key under which a finished training is found again. */
import { resolve } from 'node:path';

import { findCheckpoint } from '../checkpoint/find-checkpoint.ts';
import type { Services } from '../contracts/services.ts';
import type { Artifact } from '../contracts/stage.ts';
import { sha256OfFile } from '../files/digest.ts';
import { monitoredBy } from './evaluations.ts';
import type { LoadCheckpointConfig, TrainConfig } from './train-config.ts';

export type TrainServices = Pick<Services, 'stage' | 'seeds' | 'configFolder'>;

export interface TrainInputs {
  readonly dataset: Artifact;
  /** Of the stage that `loadCheckpoint` names; none where only a plan is made. */
  readonly weights: Artifact | undefined;
}

/** Options that change nothing of what is trained, or only how it is told. */
const LEFT_OUT = ['logInterval', 'maxRestarts'] as const;

/** Content key of a training: everything that its bits depend on, as far as the pipeline says it. */
export async function trainingKey(
  { dataset, weights }: TrainInputs,
  options: TrainConfig,
  { stage, configFolder }: TrainServices,
): Promise<string> {
  const { loadCheckpoint, monitor } = options;
  const loaded =
    loadCheckpoint?.from === undefined
      ? undefined
      : await contentOfWeights(resolve(configFolder, loadCheckpoint.from), loadCheckpoint);
  const watched = monitoredBy(stage.name, stage.stages(), monitor?.metric);
  return stage.artifactKey([dataset.key, ...(weights === undefined ? [] : [weights.key])], {
    computed: true,
    leavingOut: [...LEFT_OUT, ...(loaded === undefined ? [] : ['loadCheckpoint'])],
    also: {
      ...(loaded === undefined ? {} : { loaded }),
      ...(watched === undefined ? {} : { monitored: watched }),
      ...(stage.allowOtherModel === true ? { allowOtherModel: true } : {}),
    },
  });
}

/** Returns the content of the weights at `loadCheckpoint.from`, wherever they lie, and the options that choose from it. */
async function contentOfWeights(
  path: string,
  { from: _place, ...options }: LoadCheckpointConfig,
): Promise<unknown> {
  const { stage, which } = options;
  try {
    if (path.endsWith('.safetensors')) return { ...options, sha256: await sha256OfFile(path) };
    const { manifest } = await findCheckpoint(path, {
      wanted: () => false,
      warn: () => undefined,
      stage,
      which,
    });
    const files = Object.entries(manifest.files).map(([name, { sha256 }]) => `${name} ${sha256}`);
    return { ...options, stateHash: manifest.stateHash, files };
  } catch {
    // A new run reports later what is wrong; a resumed one does not need these weights any more.
    return { ...options, stateHash: 'unknown' };
  }
}
