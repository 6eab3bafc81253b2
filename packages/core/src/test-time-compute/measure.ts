/** Accuracy against compute: runs the trajectories of a sweep over a split, once each. */
import { NOT_SCORED } from '../data/collate.ts';
import type { Augmentation, DatasetMetadata, Split } from '../contracts/dataset.ts';
import { evaluationBatches, type EvaluationRows } from '../data/evaluation-batches.ts';
import type { AttachedAugmentation } from '../data/versioned-split.ts';
import type { DeviceTree } from '../contracts/engine.ts';
import { numExamplesOf } from '../evaluate/evaluate.ts';
import type { EvaluationRunner } from '../evaluate/evaluation-step.ts';
import type { RandomStream } from '../random/random-stream.ts';
import { latentNoise } from './noise.ts';
import { Recording } from './recording.ts';
import { candidatesOf, keyOf, trajectoriesOf, type PlannedTrajectory } from './sweep.ts';
import type { SettingResult } from '../contracts/events.ts';
import type { Tally } from './tally.ts';

export interface ComputeRequest {
  readonly runner: EvaluationRunner;
  readonly state: DeviceTree;
  readonly averaged: boolean;
  readonly split: Split;
  /** Of the dataset: makes the rows of the split. */
  readonly attached?: AttachedAugmentation;
  readonly metadata: DatasetMetadata;
  /** One for each setting. */
  readonly tallies: readonly Tally[];
  /** Tensors of the carry that take noise. */
  readonly latents: readonly string[];
  /** Makes the views besides the puzzle itself. */
  readonly augmentation?: Augmentation;
  readonly random: RandomStream;
  readonly maxExamples?: number;
  /** Called between two steps; throws to end the work. */
  readonly throwIfStopped?: () => void;
  /** Supervision steps of whole batches that were done, and their number at most. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** @returns the settings in the order of the tallies. */
export async function measureCompute(request: ComputeRequest): Promise<SettingResult[]> {
  const { runner, state, split, metadata, tallies } = request;
  const planned = trajectoriesOf(tallies.map(({ setting }) => setting));
  const { batchSize } = runner.sizes;
  const rows = request.attached === undefined ? {} : { augmentation: request.attached };
  const maxExamples = numExamplesOf(split, request.maxExamples, request.attached);
  const stepsPerBatch = planned.reduce((sum, { steps }) => sum + steps.at(-1)!, 0);
  const total = stepsPerBatch * Math.ceil(maxExamples / batchSize);
  let done = 0;

  await runner.open(state);
  try {
    for (const batch of evaluationBatches({ split, metadata, batchSize, maxExamples, ...rows })) {
      const recordings = new Map<string, Recording>();
      for (const trajectory of planned) {
        const recording = await runTrajectory(request, batch, trajectory);
        recordings.set(keyOf(trajectory), recording);
        done += trajectory.steps.at(-1)!;
        request.onProgress?.(done, total);
      }
      for (const tally of tallies) {
        const { setting } = tally;
        const chosen = candidatesOf(setting).map((key) => recordings.get(key)!);
        tally.add(batch, (row) =>
          chosen.map((recording) => recording.candidate(row, setting.steps, setting.halt)),
        );
      }
    }
  } finally {
    await runner.close(state).catch(() => undefined); // a dead engine has freed it already
  }
  const results: SettingResult[] = [];
  for (const tally of tallies) results.push(await tally.result());
  return results;
}

async function runTrajectory(
  request: ComputeRequest,
  batch: EvaluationRows,
  trajectory: PlannedTrajectory,
): Promise<Recording> {
  const { runner, state, averaged, latents } = request;
  const { view, index, noise: scale, steps, runsOn } = trajectory;
  const { firstExample, count } = batch;
  const { batchSize } = runner.sizes;
  const random = request.random.stream('noise', view, index);
  const noise = (step: number) =>
    latentNoise({
      ...{ model: runner.model, batchSize, latents, scale, random },
      ...{ firstExample, count, step },
    });
  const recording = new Recording(count, trajectory, (answer, row) =>
    view === 0
      ? answer
      : request.augmentation!.invert!(answer, viewOf(request, batch, row, view), view),
  );
  const options = { averaged, ...(latents.length === 0 ? {} : { noise }) };
  const last = steps.at(-1)!;
  let step = 0;
  for await (const outputs of runner.steps(state, seenFrom(request, batch, view), options)) {
    request.throwIfStopped?.();
    step += 1;
    // Without halting values no answer is surer than another, and none ends a trajectory.
    const qHalts = outputs['q_halt_logits']?.data ?? new Float32Array(batchSize);
    recording.take(step, outputs['preds']!.data, qHalts);
    if (step === last || (!runsOn && recording.allHalted)) break;
  }
  return recording;
}

/** A batch with each puzzle in its version `view`. */
function seenFrom(request: ComputeRequest, batch: EvaluationRows, view: number): EvaluationRows {
  if (view === 0) return batch;
  const { split, augmentation } = request;
  const { seqLen } = split;
  const inputs = batch.inputs.slice();
  // The device does not score: the host compares the answer to the puzzle itself.
  const labels = new Int32Array(batch.labels.length).fill(NOT_SCORED);
  for (let row = 0; row < batch.count; row++) {
    const tokens = Uint8Array.from(inputs.subarray(row * seqLen, (row + 1) * seqLen));
    // A solver has no label; the question stands in for it.
    const example = { input: tokens, label: tokens };
    const random = viewOf(request, batch, row, view);
    inputs.set(augmentation!.apply(example, random, view).input, row * seqLen);
  }
  return { ...batch, inputs, labels };
}

/** The randomness that makes a version, and that undoes it. */
function viewOf(
  { random }: ComputeRequest,
  { firstExample }: EvaluationRows,
  row: number,
  view: number,
): RandomStream {
  return random.stream('view', firstExample + row, view);
}
