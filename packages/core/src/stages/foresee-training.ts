/** What is known of a training before anything runs: its split, its steps, its devices, its warm-up. */
import type { SplitMetadata } from '../contracts/dataset.ts';
import type { ExpectedArtifact, ExpectedDataset, Foresight } from '../contracts/foresight.ts';
import type { Scheduled } from '../contracts/optimizer.ts';
import type { ConfigProblem } from '../contracts/config-problem.ts';
import { rowsUnit, type Devices } from '../engine/devices.ts';
import type { StageServices } from '../contracts/services.ts';
import { VALIDATION_SPLIT } from '../data/leakage.ts';
import { CHECKPOINT_ARTIFACT } from '../train/session/checkpoint-artifact.ts';
import { expectedDataset } from './foresee-datasets.ts';
import { isEvaluated } from './evaluations.ts';
import { HOLD_OUT_FIX } from './errors.ts';
import { missingSplit } from './foresee-splits.ts';
import type { TrainConfig } from './train-config.ts';

/** The facts that a training is compared with; each is undefined where it is not known. */
export interface TrainingFacts {
  readonly dataset: ExpectedDataset | undefined;
  readonly devices: Devices | undefined;
  /** The rules with a learning rate, under the options that name them. */
  readonly rules: Readonly<Record<string, Pick<Scheduled, 'warmupSteps'> | undefined>>;
}

/** The foresight of stage `train`: its checkpoints, and what is odd about them. */
export async function foreseeTraining(
  options: TrainConfig,
  inputs: readonly ExpectedArtifact[],
  services: Pick<StageServices, 'name' | 'parts' | 'expectedDevices' | 'stages'>,
): Promise<Foresight> {
  const { name, parts, expectedDevices } = services;
  const { optimizer, rowOptimizer } = options;
  const rules = {
    optimizer: await parts.create('optimizer', optimizer),
    rowOptimizer: rowOptimizer && (await parts.create('row-optimizer', rowOptimizer)),
  };
  const dataset = expectedDataset(inputs);
  return {
    artifacts: [{ kind: CHECKPOINT_ARTIFACT, stage: name }],
    problems: [
      ...trainingProblems(options, { dataset, devices: expectedDevices, rules }),
      ...monitorProblems(options, { dataset, isEvaluated: isEvaluated(name, services.stages()) }),
    ],
  };
}

/** Reports what keeps the monitor of a training from seeing an evaluation, or from ever stopping it. */
export function monitorProblems(
  {
    monitor,
    epochs,
    evalInterval = epochs,
  }: Pick<TrainConfig, 'monitor' | 'epochs' | 'evalInterval'>,
  facts: { readonly dataset: ExpectedDataset | undefined; readonly isEvaluated: boolean },
): ConfigProblem[] {
  if (monitor === undefined) return [];
  const { dataset } = facts;
  const missing =
    dataset === undefined ? [] : missingSplit(monitor.split, dataset, ['monitor', 'split']);
  return [
    ...(monitor.split === VALIDATION_SPLIT
      ? missing.map((problem) => ({ ...problem, fix: HOLD_OUT_FIX }))
      : missing),
    ...unmeasured(facts),
    ...longPatience(monitor.patience, Math.ceil(epochs / evalInterval)),
  ];
}

/** Warns where so many evaluations without improvement cannot occur before the training ends. */
function longPatience(patience: number | undefined, evaluations: number): ConfigProblem[] {
  if (patience === undefined || patience < evaluations) return [];
  return [
    {
      level: 'warning',
      path: ['monitor', 'patience'],
      message: `the training ends before it can stop early: it has ${evaluations} evaluation${evaluations === 1 ? '' : 's'}`,
      expected: 'fewer than its evaluations, epochs / evalInterval',
      received: String(patience),
      fix: 'lower patience or evalInterval, train for more epochs, or remove patience',
    },
  ];
}

function unmeasured({ isEvaluated }: { readonly isEvaluated: boolean }): ConfigProblem[] {
  if (isEvaluated) return [];
  return [
    {
      path: ['monitor'],
      message: 'no stage evaluates the checkpoints that the monitor chooses from',
      expected: 'a stage evaluate after this one',
      received: 'none',
      fix: 'add a stage evaluate: {} to the pipeline, or remove the monitor',
    },
  ];
}

/** Everything that is wrong with a training, or odd about it, as far as the facts tell. */
export function trainingProblems(options: TrainConfig, facts: TrainingFacts): ConfigProblem[] {
  const { dataset, devices, rules } = facts;
  const problems = devices === undefined ? [] : unsharedRows(options, devices);
  if (dataset === undefined) return problems;
  problems.push(...missingSplit(options.split, dataset));
  const sizes = dataset.splits[options.split];
  if (sizes === undefined) return problems;
  const steps = expectedSteps(options, sizes);
  problems.push(...tooFewRows(options, sizes, steps));
  if (steps > 0) problems.push(...longWarmups(rules, steps));
  return problems;
}

/** The steps that the schedule of a training is laid out for; see `totalSteps`. */
function expectedSteps({ epochs, globalBatchSize }: TrainConfig, sizes: SplitMetadata): number {
  return Math.floor((epochs * sizes.numGroups * sizes.meanPuzzleExamples) / globalBatchSize);
}

function unsharedRows(
  { globalBatchSize, microBatchSize }: TrainConfig,
  devices: Devices,
): ConfigProblem[] {
  const unit = rowsUnit(devices);
  const options = { globalBatchSize, ...(microBatchSize === 'auto' ? {} : { microBatchSize }) };
  return Object.entries(options)
    .filter(([, rows]) => rows % unit !== 0)
    .map(([option, rows]) => {
      const above = Math.ceil(rows / unit) * unit;
      const sizes = [above - unit, above].filter((size) => size > 0).join(' or ');
      return {
        path: [option],
        message: 'the rows of a batch cannot be shared equally by the devices of the engine',
        expected: `a multiple of the engine's ${unit} devices`,
        received: String(rows),
        fix: `write ${sizes}, or change engine.devices`,
      };
    });
}

function tooFewRows(
  { globalBatchSize, epochs, evalInterval = epochs }: TrainConfig,
  sizes: SplitMetadata,
  steps: number,
): ConfigProblem[] {
  const { numGroups, meanPuzzleExamples, numExamples } = sizes;
  const rows = Math.round(numGroups * meanPuzzleExamples);
  const path = ['globalBatchSize'];
  if (evalInterval * numExamples < globalBatchSize || steps === 0) {
    return [
      {
        path,
        message: 'the epochs between two evaluations do not fill one batch',
        expected: `at most ${evalInterval * rows}, the rows of ${evalInterval} epochs`,
        received: String(globalBatchSize),
        fix: `write globalBatchSize: ${Math.max(1, evalInterval * rows)} or less, or raise evalInterval`,
      },
    ];
  }
  if (globalBatchSize <= rows) return [];
  return [
    {
      level: 'warning',
      path,
      message: `a batch has more rows than an epoch: the training has ${steps} steps`,
      expected: `at most ${rows}, the rows of an epoch`,
      received: String(globalBatchSize),
      fix: 'lower globalBatchSize, or ignore this if it is intended',
    },
  ];
}

function longWarmups(rules: TrainingFacts['rules'], steps: number): ConfigProblem[] {
  return Object.entries(rules).flatMap(([option, rule]): ConfigProblem[] => {
    const warmupSteps = rule?.warmupSteps ?? 0;
    if (warmupSteps < steps) return [];
    return [
      {
        level: 'warning',
        path: [option, 'warmupSteps'],
        message: 'the training ends before the learning rate is warmed up',
        expected: `fewer than its ${steps} steps`,
        received: String(warmupSteps),
        fix: `write warmupSteps: ${Math.floor(steps / 10)}, or train longer`,
      },
    ];
  });
}
