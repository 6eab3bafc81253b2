/** Weights of an original implementation as a checkpoint of ours. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { saveCheckpoint, type SavedCheckpoint } from '../checkpoint/checkpoint.ts';
import { differencesJson, type ModelIdentity } from '../checkpoint/model-identity.ts';
import { identifiersFile } from '../checkpoint/identifiers.ts';
import { printConfig } from '../config/print-config.ts';
import { relocated, resolveConfig, type ResolvedPipeline } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import type { Model } from '../contracts/model.ts';
import { fromStateDict } from '../model/state-dict.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { averageOf } from '../train/step/state.ts';
import { openContainer } from './open-container.ts';
import { modelFor } from './stored-model.ts';

export interface ImportOptions {
  /** Under the names of the original. */
  readonly stateDict: HostTree;
  readonly step: number;
  /** Folder of checkpoints; it is made where it is missing. */
  readonly output: string;
  /** Where the model is described. */
  readonly pipeline: string;
  readonly overrides: readonly string[];
  /** The model that the file records, where it does. */
  readonly recorded?: ModelIdentity | undefined;
  /** For messages: the file. */
  readonly from: string;
  /** The weights may be used in a model that is not the one they were trained in. */
  readonly allowOtherModel?: boolean | undefined;
  readonly warn: (text: string) => void;
  /** Names of the rows of tables, by index. */
  readonly identifiers?: readonly string[];
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
}

export interface ImportedCheckpoint extends SavedCheckpoint {
  readonly parameters: number;
}

/**
 * Saves `<output>/step-<step>/` with the weights and, beside them, the config of the pipeline, so
 * that `evaluate`, `predict` and `train.loadCheckpoint` find all that they need in it. It holds no
 * state of an optimizer. Where the pipeline averages, the weights are the average, too: the original
 * saves nothing else of it.
 *
 * @throws MODEL_DIFFERS, STATE_DICT_MISMATCH, STATE_DICT_UNKNOWN, CONFIG_INVALID, CHECKPOINT_WRITE_FAILED
 */
export async function importStateDict(options: ImportOptions): Promise<ImportedCheckpoint> {
  const { builtin, settings, stateDict, step, identifiers } = options;
  const pipeline = await resolveConfig(options.pipeline, options.overrides, { builtin, settings });
  const { model, identity, allowedDifferences } = await modelOf(pipeline, options);
  const weights = fromStateDict(model, stateDict);
  const averaged = pipeline.parts.some(({ kind }) => kind === 'averager');
  const state = { ...weights, ...(averaged ? averageOf(parametersOf(weights)) : {}) };
  const output = resolve(options.output);
  await mkdir(output, { recursive: true });
  const value = { ...pipeline.value, baseFolder: relocated(pipeline, join(output, 'step')) };
  const saved = await saveCheckpoint(
    output,
    {
      step,
      epoch: 0,
      state,
      model: identity,
      metadata: {
        imported: true,
        ...(allowedDifferences.length > 0 && { otherModel: differencesJson(allowedDifferences) }),
      },
      files: {
        'config.yml': Buffer.from(printConfig(value)),
        ...(identifiers === undefined ? {} : identifiersFile(identifiers)),
      },
    },
    { keepLast: Number.MAX_SAFE_INTEGER },
  );
  const parameters = Object.values(parametersOf(weights));
  return { ...saved, parameters: parameters.reduce((sum, { data }) => sum + data.length, 0) };
}

function parametersOf(state: HostTree): HostTree {
  return Object.fromEntries(
    Object.entries(state).filter(([name]) => name.startsWith('parameters/')),
  );
}

async function modelOf(
  pipeline: ResolvedPipeline,
  options: ImportOptions,
): Promise<Awaited<ReturnType<typeof modelFor>>> {
  const bus = createEventBus();
  try {
    const runFolder = join(options.settings.cacheFolder, 'no-run');
    const container = await openContainer(pipeline, bus, runFolder);
    const request = {
      weights: { path: options.from, model: options.recorded, training: undefined },
      allowed: options.allowOtherModel === true,
      say: () => undefined,
    };
    const numIdentifiers = options.identifiers?.length;
    const first = await modelFor(pipeline, container, { ...request, numIdentifiers });
    const rows = rowsIn(first.model, options.stateDict);
    const say = (level: 'info' | 'warning', text: string) => {
      // That weights of the original record no model goes without saying.
      if (level === 'warning' && options.recorded !== undefined) options.warn(text);
    };
    return await modelFor(pipeline, container, {
      ...request,
      numIdentifiers: rows ?? numIdentifiers,
      say,
    });
  } finally {
    bus.complete();
  }
}

/** Rows of the first table, as the file has it: only a build could tell them otherwise (ARC). */
function rowsIn(model: Model, stateDict: HostTree): number | undefined {
  const [table] = Object.keys(model.tables);
  const name = model.referenceTensors?.[`tables/${table}`]?.name;
  if (table === undefined || name === undefined) return undefined;
  return Object.entries(stateDict).find(([given]) => given.endsWith(name))?.[1].shape[0];
}
