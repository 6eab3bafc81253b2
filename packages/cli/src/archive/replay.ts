/** Evaluates the checkpoints of an unpacked archive anew, and compares with what the run recorded. */
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { findCheckpoint } from '@eddy/core/checkpoint';
import { JSON_LIMIT, readInputText, withTemporaryFolder } from '@eddy/core/files';
import { damageOf, fromJson, openRunFolder } from '@eddy/core/report';
import {
  measuringStages,
  resolveConfig,
  runPipeline,
  type ResolvedPipeline,
  type RunPipelineOptions,
} from '@eddy/core/run';

import { quoted } from '../project/quoted.ts';
import type { ArchiveManifest } from './archive-manifest.ts';

export type ReplaySettings = Pick<RunPipelineOptions, 'builtin' | 'settings' | 'stop'>;

/** One metric of one evaluation. */
export interface ReplayedMetric {
  /** Stage that measured, and the split. */
  readonly stage: string;
  readonly split: string;
  readonly step: number;
  readonly metric: string;
  /** Undefined where the run did not record it. */
  readonly recorded: number | undefined;
  readonly replayed: number | undefined;
  readonly isEqual: boolean;
}

export interface Replay {
  readonly metrics: readonly ReplayedMetric[];
  /** Engine that measured: its name and fingerprint. */
  readonly engine: string;
  /** Messages of the evaluations, such as that the data differ. */
  readonly warnings: readonly string[];
}

/** `metrics.json` of an evaluation. */
interface StoredMetrics {
  readonly step: number;
  readonly split: string;
  readonly batchSize?: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Evaluates every packed checkpoint that the run evaluated.
 *
 * @param tolerance  largest relative difference of two values that count as equal; 0 means the same bits
 * @throws what the evaluation throws
 */
export async function replayRun(
  folder: string,
  manifest: ArchiveManifest,
  options: ReplaySettings & { readonly engine?: string | undefined; readonly tolerance: number },
): Promise<Replay> {
  const { builtin, settings, engine } = options;
  const file = join(resolve(folder), 'config.yml');
  const overrides = engine === undefined ? [] : [`engine=${engine}`];
  const replacedStages = Object.fromEntries(
    Object.entries(manifest.storedData).map(([stage, { folder: data, key }]) => [
      stage,
      { use: 'stored-dataset', folder: resolve(folder, data), key },
    ]),
  );
  const pipeline = await resolveConfig(file, overrides, { builtin, settings, replacedStages });
  const metrics: ReplayedMetric[] = [];
  const damage = await damageOf(resolve(folder), { isThorough: true });
  const warnings = new Set(damage.map(({ text }) => text));
  let used = '';
  for (const checkpoint of manifest.checkpoints) {
    const path = resolve(folder, checkpoint);
    for (const { stage, recorded } of await recordedOf(folder, path, pipeline)) {
      const replayed = await evaluateAgain({
        ...options,
        file,
        stage,
        replacedStages,
        folder,
        manifest,
        overrides: [
          ...overrides,
          `++${stage}.checkpoint=${quoted(path)}`,
          ...(recorded.batchSize === undefined
            ? []
            : [`++${stage}.batchSize=${recorded.batchSize}`]),
        ],
        warn: (text) => warnings.add(text),
      });
      used = replayed.engine;
      metrics.push(...compared(stage, recorded, replayed.metrics, options.tolerance));
    }
  }
  return { metrics, engine: used, warnings: [...warnings] };
}

/** The evaluations that a run recorded of a checkpoint, by the stage that measured. */
async function recordedOf(
  folder: string,
  checkpoint: string,
  pipeline: ResolvedPipeline,
): Promise<{ readonly stage: string; readonly recorded: StoredMetrics }[]> {
  const { manifest } = await findCheckpoint(checkpoint, {
    wanted: () => false,
    warn: () => undefined,
  });
  const training = manifest.training?.stage;
  const names = await readdir(join(folder, 'evaluations')).catch((): string[] => []);
  const step = `step-${String(manifest.step).padStart(8, '0')}`;
  const found: { stage: string; recorded: StoredMetrics }[] = [];
  for (const stage of measuringStages(pipeline, training)) {
    const suffix = stage === 'evaluate' ? '' : `-${stage}`;
    // Of several trainings the folder says whose checkpoint it was.
    const name = [`${step}-${training}${suffix}`, `${step}${suffix}`].find((one) =>
      names.includes(one),
    );
    if (name === undefined) continue;
    const file = join(folder, 'evaluations', name, 'metrics.json');
    // A changed file is named among the damage of the run, and compared all the same; one that is no JSON is only named.
    const recorded = await readInputText(file, JSON_LIMIT)
      .then((text) => fromJson(text) as StoredMetrics)
      .catch(() => undefined);
    if (recorded !== undefined) found.push({ stage, recorded });
  }
  return found;
}

interface Evaluation extends ReplaySettings {
  readonly file: string;
  readonly stage: string;
  readonly overrides: readonly string[];
  readonly replacedStages: NonNullable<RunPipelineOptions['replacedStages']>;
  /** Folder of the unpacked archive. */
  readonly folder: string;
  readonly manifest: ArchiveManifest;
  readonly warn: (text: string) => void;
}

/** Measures one checkpoint in a run that nobody keeps, without the run's loggers: they may send data away. */
async function evaluateAgain({ stage, folder, manifest, warn, ...options }: Evaluation): Promise<{
  readonly metrics: Readonly<Record<string, number>>;
  readonly engine: string;
}> {
  let metrics: Readonly<Record<string, number>> = {};
  return withTemporaryFolder(async (temporary) => {
    const runFolder = join(temporary, 'run');
    const outcome = await runPipeline({
      ...options,
      only: [stage],
      runFolder,
      loggers: () => [],
      moreArtifacts: resolve(folder, 'data'),
      // Another plugin version gives other keys: the figures say whether that matters.
      allowOtherData: true,
      expectedData: { run: 'the archive', data: expectedOf(manifest) },
      onEvents: (events$) => {
        events$.subscribe((event) => {
          if (event.type === 'evaluation-finished') metrics = event.metrics;
          if (event.type === 'message' && event.level === 'warning') warn(event.text);
        });
      },
    });
    if (outcome.error !== undefined) throw asError(outcome.error);
    const { engine } = (await openRunFolder(runFolder)).manifest;
    return {
      metrics,
      engine: engine === undefined ? 'none' : `${engine.name}, ${engine.fingerprint}`,
    };
  });
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function expectedOf({ data }: ArchiveManifest): Record<string, { key: string; path: string }> {
  return Object.fromEntries(Object.entries(data).map(([stage, key]) => [stage, { key, path: '' }]));
}

function compared(
  stage: string,
  { step, split, metrics: recorded }: StoredMetrics,
  replayed: Readonly<Record<string, number>>,
  tolerance: number,
): ReplayedMetric[] {
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])];
  return names.map((metric) => {
    const [a, b] = [recorded[metric], replayed[metric]];
    const isEqual = a !== undefined && b !== undefined && areEqual(a, b, tolerance);
    return { stage, split, step, metric, recorded: a, replayed: b, isEqual };
  });
}

function areEqual(a: number, b: number, tolerance: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
}
