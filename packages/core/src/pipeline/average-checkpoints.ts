/** One checkpoint from several: `pipeline average`. */
import { resolve } from 'node:path';

import { writeCheckpoint, type SavedCheckpoint } from '../checkpoint/checkpoint.ts';
import type { WhichCheckpoint } from '../checkpoint/find-checkpoint.ts';
import { identifiersFile } from '../checkpoint/identifiers.ts';
import { differencesJson, type ModelDifference } from '../checkpoint/model-identity.ts';
import { requireSameModel, unrecordedText } from '../checkpoint/same-model.ts';
import { printConfig } from '../config/print-config.ts';
import { relocated, resolveConfig } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { alphasFor, WeightedMean } from '../train/weights/average-weights.ts';
import {
  readWeights,
  type StoredWeights,
  type WeightsKind,
} from '../train/weights/stored-weights.ts';
import { CONFIG_FILE, findPipelineOf } from './pipeline-of-weights.ts';

export interface AverageOptions {
  /** Runs, checkpoints or safetensors files. */
  readonly from: readonly string[];
  /** α of each; equal by default. */
  readonly alphas?: readonly number[];
  readonly of: WeightsKind;
  /** Folder of the new checkpoint; a checkpoint that lies there is replaced. */
  readonly output: string;
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
  /** Of runs with several trainings: whose checkpoint; the last one's by default. */
  readonly stage?: string | undefined;
  /** Of runs: the last checkpoint (default) or the best one. */
  readonly which?: WhichCheckpoint | undefined;
  /** Weights of different models may be averaged. */
  readonly allowOtherModel?: boolean | undefined;
  readonly warn: (text: string) => void;
}

export interface AveragedCheckpoint extends SavedCheckpoint {
  readonly sources: readonly {
    readonly path: string;
    readonly step: number | undefined;
    readonly alpha: number;
    readonly averaged: boolean;
  }[];
}

/**
 * Writes Σ αᵢ·wᵢ as a checkpoint that evaluation, prediction and `loadCheckpoint` accept; the pipeline
 * of the first source goes with it.
 *
 * @throws AVERAGE_ALPHAS_INVALID, MODEL_DIFFERS, WEIGHTS_MISMATCH, CHECKPOINT_NOT_FOUND …
 */
export async function averageCheckpoints(options: AverageOptions): Promise<AveragedCheckpoint> {
  const output = resolve(options.output);
  const alphas = alphasFor(options.from.length, options.alphas);
  const mean = new WeightedMean();
  const sources: AveragedCheckpoint['sources'][number][] = [];
  let step = 0;
  let epoch = 0;
  let identifiers: StoredWeights['identifiers'];
  let model: StoredWeights['model'];
  const otherModels: ModelDifference[] = [];
  for (const [i, from] of options.from.entries()) {
    const { warn, stage, which } = options;
    const weights = await readWeights(from, options.of, { warn, stage, which });
    if (i === 0) model = weights.model;
    else otherModels.push(...differencesFrom(model, weights, options));
    mean.add(weights, alphas[i]!);
    const { path, averaged } = weights;
    sources.push({ path, averaged, step: weights.step, alpha: alphas[i]! });
    step = Math.max(step, weights.step ?? 0);
    epoch = Math.max(epoch, weights.epoch);
    identifiers ??= weights.identifiers;
  }
  const saved = await writeCheckpoint(output, {
    step,
    epoch,
    state: mean.tree(),
    model,
    metadata: {
      ...(otherModels.length > 0 && { otherModel: differencesJson(otherModels) }),
      averageOf: sources.map((source) => ({ ...source, step: source.step ?? null })),
    },
    files: {
      ...(identifiers === undefined ? {} : identifiersFile(identifiers)),
      ...(await configFile(sources[0]!.path, output, options)),
    },
  });
  return { ...saved, sources };
}

/** @throws MODEL_DIFFERS where the model is not that of the first checkpoint */
function differencesFrom(
  first: StoredWeights['model'],
  { path, model }: StoredWeights,
  { warn, allowOtherModel = false }: AverageOptions,
): readonly ModelDifference[] {
  if (first === undefined) {
    warn(unrecordedText(path));
    return [];
  }
  return requireSameModel({
    path,
    expected: first,
    // A mean of weights needs what an evaluation may change to be the same, too.
    adjustable: [],
    received: model,
    allowed: allowOtherModel,
    override: '`--allow-other-model`',
    say: (level, text) => (level === 'warning' ? warn(text) : undefined),
  });
}

async function configFile(
  source: string,
  output: string,
  { builtin, settings }: AverageOptions,
): Promise<Record<string, Uint8Array>> {
  const file = await findPipelineOf(source);
  if (file === undefined) return {};
  const pipeline = await resolveConfig(file, [], { builtin, settings });
  const value = { ...pipeline.value, baseFolder: relocated(pipeline, output) };
  return { [CONFIG_FILE]: Buffer.from(printConfig(value)) };
}
