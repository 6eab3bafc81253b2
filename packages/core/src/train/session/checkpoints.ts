/** When and how a run's state is saved, and how it comes back. */
import {
  latestCheckpoint,
  saveCheckpoint,
  type Checkpoint,
  type SavedCheckpoint,
} from '../../checkpoint/checkpoint.ts';
import { identifiersFile, readIdentifiers } from '../../checkpoint/identifiers.ts';
import type { DeviceTree } from '../../contracts/engine.ts';
import type { EventBus } from '../../contracts/services.ts';
import type { HostTree, SpecTree } from '@eddy/tensor/spec';
import { checkpointMismatch, stateNotFinite, type LowerRate } from './errors.ts';
import { NO_NON_FINITE, type NonFiniteCounts } from './non-finite.ts';
import type { MonitorState } from './monitor.ts';
import { stateSpecs } from '../step/state.ts';
import type { BatchSizes, TrainingParts } from '../step/parts.ts';
import type { JsonValue } from '../../checkpoint/manifest.ts';
import type { TrainingIdentity } from './training-identity.ts';

/** `every: auto` saves at most this often, and so that saving takes at most a thirtieth of the time. */
const AUTO_INTERVAL_MS = 60_000;
const AUTO_COST_RATIO = 30;

/** A state with what it takes to go on from it. */
export interface StoredState {
  readonly step: number;
  readonly epoch: number;
  /** The state is due for evaluation. */
  readonly endsIteration: boolean;
  readonly microBatchSize: number;
  readonly recompute: boolean;
  /** None by default. */
  readonly nonFinite?: NonFiniteCounts | undefined;
  /** What the monitor knew before the evaluation of this state; nothing by default. */
  readonly monitor?: MonitorState | undefined;
  /** Key of the training that it is a state of; absent where several made it, or an earlier version of Eddy. */
  readonly key?: string | undefined;
  readonly state: HostTree;
  /** Absent for the initial state. */
  readonly path?: string;
}

export interface StepPosition {
  readonly step: number;
  readonly epoch: number;
  readonly endsIteration: boolean;
}

/** A position with what the run counts and remembers on its way. */
export interface SavedPosition extends StepPosition {
  readonly nonFinite?: NonFiniteCounts | undefined;
  readonly monitor?: MonitorState | undefined;
}

interface CheckpointOptions {
  readonly parts: TrainingParts;
  readonly identity: TrainingIdentity;
  readonly globalBatchSize: number;
  readonly dataset: {
    readonly metadata: { readonly seqLen: number };
    identifiers(): Promise<readonly string[]>;
  };
  readonly folder: string;
  readonly checkpoint: {
    readonly every: number | 'auto';
    readonly keep: number;
    readonly keepEvaluated?: boolean;
  };
}

interface CheckpointServices {
  readonly bus: EventBus;
  /** For the fix of a state that is not finite. */
  readonly lowerRate: () => LowerRate;
}

/** Saves states: at most one is being written while training goes on. */
export class CheckpointWriter {
  readonly #options: CheckpointOptions;
  readonly #bus: EventBus;
  readonly #lowerRate: () => LowerRate;
  #lastSavedStep = 0;
  #lastSavedPath: string | undefined;
  /** Of the last save that was begun; a save that is still being written counts. */
  #begun = { step: 0, atMs: performance.now() };
  #lastSaveMs = 0;
  #writing: Promise<unknown> = Promise.resolve();
  #files: Promise<Record<string, Uint8Array>> | undefined;
  /** Of one training only: a state of another one that goes on here has no key any more. */
  #key: string | undefined;

  constructor(options: CheckpointOptions, services: CheckpointServices) {
    this.#options = options;
    this.#key = options.identity.key;
    this.#bus = services.bus;
    this.#lowerRate = services.lowerRate;
  }

  /** 0 when nothing was saved. */
  get lastSavedStep(): number {
    return this.#lastSavedStep;
  }

  get lastSavedPath(): string | undefined {
    return this.#lastSavedPath;
  }

  resumeFrom({ step, path, key }: StoredState): void {
    if (key !== this.#options.identity.key) this.#key = undefined;
    this.#lastSavedStep = step;
    this.#lastSavedPath = path;
    this.#begun = { step, atMs: performance.now() };
  }

  /** Whether a checkpoint should be made after this step, between evaluations. */
  isDue(step: number): boolean {
    const { every } = this.#options.checkpoint;
    if (every !== 'auto') return step - this.#begun.step >= every;
    const elapsedMs = performance.now() - this.#begun.atMs;
    return elapsedMs >= Math.max(AUTO_INTERVAL_MS, AUTO_COST_RATIO * this.#lastSaveMs);
  }

  /** Saves and waits until it is on disk. */
  async save(state: DeviceTree, sizes: BatchSizes, position: SavedPosition): Promise<string> {
    await this.saveInBackground(state, sizes, position);
    await this.#writing;
    return this.#lastSavedPath!;
  }

  /** Waits for the state's copy on the host only; `settle` or the next save waits for the disk. */
  async saveInBackground(
    state: DeviceTree,
    sizes: BatchSizes,
    position: SavedPosition,
  ): Promise<void> {
    await this.settle();
    const startMs = performance.now();
    this.#begun = { step: position.step, atMs: startMs };
    const tree = await state.read(Object.keys(stateSpecs(this.#options.parts, sizes)));
    this.#requireFinite(tree, position.step);
    this.#writing = this.#write(tree, sizes, position, startMs);
    this.#writing.catch(() => undefined); // awaited by `settle`
  }

  /** Waits for what is being written. @throws CHECKPOINT_WRITE_FAILED */
  async settle(): Promise<void> {
    await this.#writing;
  }

  async #write(
    state: HostTree,
    sizes: BatchSizes,
    position: SavedPosition,
    startMs: number,
  ): Promise<void> {
    const { folder, checkpoint, identity } = this.#options;
    const { madeFrom } = identity;
    const { step, epoch, endsIteration, nonFinite = NO_NON_FINITE, monitor } = position;
    // A power cut must not leave a checkpoint whose steps are not in the journal.
    await this.#bus.recorded();
    const saved: SavedCheckpoint = await saveCheckpoint(
      folder,
      {
        step,
        epoch,
        state,
        model: identity.model,
        training: identity.place,
        files: await (this.#files ??= this.#filesOfTables()),
        metadata: {
          endsIteration,
          globalBatchSize: sizes.globalBatchSize,
          microBatchSize: sizes.microBatchSize,
          recompute: sizes.recompute === true,
          ...(this.#key !== undefined && { key: this.#key }),
          ...(madeFrom !== undefined && { madeFrom }),
          ...(nonFinite.skipped + nonFinite.rollbacks > 0 && { nonFinite: { ...nonFinite } }),
          ...(monitor !== undefined && { monitor: { ...monitor } }),
        },
      },
      {
        keepLast: checkpoint.keep,
        keeps: (older, metadata) =>
          older === monitor?.best?.step ||
          (checkpoint.keepEvaluated === true && isEvaluated(metadata)),
      },
    );
    this.#lastSavedStep = step;
    this.#lastSavedPath = saved.path;
    this.#lastSaveMs = performance.now() - startMs;
    const { path, bytes } = saved;
    const durationMs = this.#lastSaveMs;
    this.#bus.emit({ type: 'checkpoint-saved', step, path, bytes, durationMs });
  }

  /** What rows of tables are called, so that another run can find them. */
  async #filesOfTables(): Promise<Record<string, Uint8Array>> {
    const { parts, dataset } = this.#options;
    if (Object.keys(parts.model.tables).length === 0) return {};
    return identifiersFile(await dataset.identifiers());
  }

  /** @throws STATE_NOT_FINITE, so that no checkpoint is made of a broken state */
  #requireFinite(tree: HostTree, step: number): void {
    for (const [name, { data }] of Object.entries(tree)) {
      if (data instanceof Float32Array && !allFinite(data)) {
        const lowerRate = this.#lowerRate();
        throw stateNotFinite({ step, tensor: name, lastGood: this.#lastSavedPath, lowerRate });
      }
    }
  }
}

/**
 * The newest good state in the folder; undefined when there is none.
 *
 * @throws PLUGINS_DIFFER, MODEL_DIFFERS, IDENTIFIERS_DIFFER, OPTIONS_DIFFER, and CHECKPOINT_MISMATCH when it was made
 *   with another optimizer or batch size
 */
export async function loadTrainingState(
  options: CheckpointOptions,
  services: { readonly bus: EventBus; readonly name: string },
): Promise<(StoredState & { readonly path: string }) | undefined> {
  const found = await latestCheckpoint(options.folder, (text) =>
    services.bus.emit({ type: 'message', level: 'warning', text, stage: services.name }),
  );
  if (found === null) return undefined;
  return trainingStateOf(found, options);
}

/**
 * The state of a checkpoint as a training goes on from it.
 *
 * @throws PLUGINS_DIFFER, MODEL_DIFFERS, IDENTIFIERS_DIFFER, OPTIONS_DIFFER, CHECKPOINT_MISMATCH
 */
export async function trainingStateOf(
  found: Checkpoint,
  options: CheckpointOptions,
): Promise<StoredState & { readonly path: string }> {
  const { parts, globalBatchSize } = options;
  const { seqLen } = options.dataset.metadata;
  const { path, manifest, state } = found;
  const { metadata } = manifest;
  const { identity } = options;
  const made = { path, madeFrom: metadata['madeFrom'] };
  identity.requireOwnPlugins?.(made);
  await identity.requireOwnModel({ path, model: manifest.model ?? undefined });
  if (Object.keys(parts.model.tables).length > 0) {
    await identity.requireOwnRows({ path, identifiers: await readIdentifiers(found) });
  }
  identity.requireOwnOptions?.(made);
  if (metadata['globalBatchSize'] !== globalBatchSize) {
    throw checkpointMismatch({
      path,
      expected: `globalBatchSize ${globalBatchSize}`,
      received: `globalBatchSize ${JSON.stringify(metadata['globalBatchSize'])}`,
    });
  }
  const microBatchSize = metadata['microBatchSize'] as number;
  requireSpecs(path, stateSpecs(parts, { globalBatchSize, microBatchSize, seqLen }), state);
  return {
    step: manifest.step,
    epoch: manifest.epoch,
    endsIteration: metadata['endsIteration'] === true,
    microBatchSize,
    recompute: metadata['recompute'] === true,
    nonFinite: metadata['nonFinite'] as NonFiniteCounts | undefined,
    monitor: metadata['monitor'] as unknown as MonitorState | undefined,
    key: metadata['key'] as string | undefined,
    state,
    path,
  };
}

/** @throws CHECKPOINT_MISMATCH naming the first tensor that differs */
export function requireSpecs(path: string, expected: SpecTree, received: SpecTree): void {
  const describe = (tree: SpecTree, name: string): string => {
    const spec = tree[name];
    return spec === undefined ? `no ${name}` : `${name} ${spec.dtype}[${spec.shape.join(',')}]`;
  };
  for (const name of new Set([...Object.keys(expected), ...Object.keys(received)])) {
    const texts = { expected: describe(expected, name), received: describe(received, name) };
    if (texts.expected !== texts.received) throw checkpointMismatch({ path, ...texts });
  }
}

/** Checkpoints at the end of an iteration are those that are evaluated. */
function isEvaluated(metadata: Readonly<Record<string, JsonValue>>): boolean {
  return metadata['endsIteration'] === true;
}

function allFinite(data: Float32Array): boolean {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i]!)) return false;
  return true;
}
