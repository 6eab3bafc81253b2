/** Weights on disk, without the rest of a training state: what another run can start from. */
import { resolve } from 'node:path';

import { bestNotOfRun, checkpointNotFound } from '../../checkpoint/errors.ts';
import { findCheckpoint, type WhichCheckpoint } from '../../checkpoint/find-checkpoint.ts';
import { readIdentifiers } from '../../checkpoint/identifiers.ts';
import type { TrainingPlace } from '../../checkpoint/manifest.ts';
import { modelInMetadata, type ModelIdentity } from '../../checkpoint/model-identity.ts';
import { readHostFile } from '../../checkpoint/safetensors.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { under, within } from '@eddy/tensor';

const WEIGHT_FOLDERS = ['parameters', 'average', 'buffers', 'tables'];

/** `average`: the running average where there is one, which evaluation uses. */
export type WeightsKind = 'average' | 'parameters';

export interface StoredWeights {
  /** Folder of the checkpoint, or the file. */
  readonly path: string;
  /** undefined for a bare file. */
  readonly step: number | undefined;
  readonly epoch: number;
  /** Names `parameters/…`, `buffers/…`, `tables/…`. */
  readonly tree: HostTree;
  /** Whether `parameters/…` are the averaged ones. */
  readonly averaged: boolean;
  /** The model that they belong to, where it is recorded. */
  readonly model: ModelIdentity | undefined;
  /** The training that made them, where it is recorded. */
  readonly training: TrainingPlace | undefined;
  /** Names of the rows of tables, where they are known. */
  readonly identifiers: readonly string[] | undefined;
}

function isWeight(name: string): boolean {
  return WEIGHT_FOLDERS.includes(name.split('/', 1)[0]!);
}

/**
 * Reads the weights of a checkpoint, of the newest or the best checkpoint of a run, or of a safetensors file
 * whose tensors have a checkpoint's names.
 *
 * @param stage  of a run with several trainings: whose checkpoint; the last one's by default
 * @throws CHECKPOINT_NOT_FOUND, CHECKPOINT_DAMAGED, CHECKPOINT_NONE_GOOD, SAFETENSORS_INVALID,
 *   TRAINING_UNKNOWN, BEST_UNKNOWN
 */
export async function readWeights(
  path: string,
  kind: WeightsKind,
  {
    warn,
    stage,
    which,
  }: {
    readonly warn: (text: string) => void;
    readonly stage?: string | undefined;
    readonly which?: WhichCheckpoint | undefined;
  },
): Promise<StoredWeights> {
  if (path.endsWith('.safetensors')) {
    if (which === 'best') throw bestNotOfRun(path);
    const { tree, model } = await readFile(path);
    const unknown = { step: undefined, epoch: 0, identifiers: undefined, training: undefined };
    return { path, ...unknown, model, ...chosen(tree, kind) };
  }
  const checkpoint = await findCheckpoint(path, { wanted: isWeight, warn, stage, which });
  const { step, epoch, model, training } = checkpoint.manifest;
  return {
    path: checkpoint.path,
    step,
    epoch,
    model: model ?? undefined,
    training: training ?? undefined,
    identifiers: await readIdentifiers(checkpoint),
    ...chosen(checkpoint.state, kind),
  };
}

async function readFile(
  path: string,
): Promise<{ readonly tree: HostTree; readonly model: ModelIdentity | undefined }> {
  try {
    const { tree, metadata } = await readHostFile(resolve(path));
    return { tree, model: modelInMetadata(metadata) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw checkpointNotFound(path, false);
    throw error;
  }
}

function chosen(tree: HostTree, kind: WeightsKind): Pick<StoredWeights, 'tree' | 'averaged'> {
  const average = within('average', tree);
  const averaged = kind === 'average' && Object.keys(average).length > 0;
  const rest = Object.entries(tree).filter(([name]) => !name.startsWith('average/'));
  return {
    tree: { ...Object.fromEntries(rest), ...(averaged ? under('parameters', average) : {}) },
    averaged,
  };
}
