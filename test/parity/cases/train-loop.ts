/** `train_loop`: six calls of the reference's `train_batch`, through our whole training step. */
import { fromStateDict, toStateDict } from '@eddy/core/checkpoint';
import {
  initialState,
  StepRunner,
  trainingMetrics,
  type StepSums,
  type TrainingParts,
} from '@eddy/core/training';
import { randomStream, type HostBatch } from '@eddy/core';
import { type HostTree } from '@eddy/tensor';
import { AdamAtan2, Ema, SignSgd } from '@eddy/optimizers';
import { tensor, tidy } from '@tensorflow/tfjs-core';

import { FLOAT32_ENGINES, type CaseHandler, type ParityEngine } from '../case-handler.ts';
import { assertClose, assertEqual } from '../compare.ts';
import { engineFor } from '../engine-for.ts';
import type { Fixture } from '../fixture.ts';
import { modelOf } from '../reference-arch.ts';
import { hostTensor, latentsOf, sequenceFirst } from '../reference-model.ts';

/** The fixture states 2.5e-7 as the effect of 1 ulp of noise on the final parameters. */
const PARAMETER = { absolute: 2e-6 };
const METRIC = { absolute: 1e-5, relativeToMax: 1e-5 };
const LATENT = { absolute: 1e-4 };

export const handler: CaseHandler = {
  matches: (name) => name === 'train_loop',
  engines: FLOAT32_ENGINES,
  run: checkTrainLoop,
};

async function checkTrainLoop(fixture: Fixture, parityEngine: ParityEngine): Promise<void> {
  const { model: arch, hyper } = fixture.json.config;
  const schedule = { warmupSteps: hyper.lr_warmup_steps, minLearningRateRatio: hyper.lr_min_ratio };
  const averager = new Ema({ rate: hyper.ema_rate });
  const parts: TrainingParts = {
    model: modelOf(arch),
    optimizer: new AdamAtan2({
      ...schedule,
      learningRate: hyper.lr,
      weightDecay: hyper.weight_decay,
      beta1: hyper.beta1,
      beta2: hyper.beta2,
      variant: 'reference',
    }),
    rowOptimizer: new SignSgd({
      ...schedule,
      learningRate: hyper.puzzle_emb_lr,
      weightDecay: hyper.puzzle_emb_weight_decay,
    }),
    averager,
  };
  const globalBatchSize: number = arch.batch_size;
  const sizes = {
    globalBatchSize,
    microBatchSize: globalBatchSize,
    seqLen: arch.seq_len as number,
  };
  const random = randomStream(0);
  const stored = Object.entries(fixture.tensorsUnder('init/'));
  const stateDict = Object.fromEntries(stored.map(([name, value]) => [name, hostTensor(value)]));
  const weights = fromStateDict(parts.model, stateDict);

  const engine = await engineFor(parityEngine);
  const runner = await StepRunner.compile(engine, parts, sizes);
  const state = await engine.upload({
    ...initialState(parts, sizes, random),
    ...weights,
    ...under('average', within('parameters', weights)),
  });

  // The call beyond the last step changes nothing but the average.
  const { total_steps: totalSteps } = hyper;
  for (let call = 0; call < totalSteps; call++) {
    const batch = batchOf(fixture, call);
    const sums = await runner.run(state, { batch, step: call + 1, totalSteps, random });
    const at = `call${call}`;
    checkMetrics(fixture, call, parts, sums, globalBatchSize);
    const after = await state.read();
    assertEqual(`${at}/steps`, after['carry/steps']!.data, fixture.tensor(`${at}/carry/steps`));
    assertEqual(`${at}/halted`, after['carry/halted']!.data, fixture.tensor(`${at}/carry/halted`));
    const table = fixture.tensor(`${at}/puzzle_emb.weights`);
    assertClose(`${at}/table`, after['tables/puzzleEmbedding']!.data, table, PARAMETER);
  }

  const final = await state.read();
  await state.dispose();
  await runner.dispose();
  const ours = (folder: string): HostTree =>
    toStateDict(parts.model, under('parameters', within(folder, final)));
  for (const [name, value] of Object.entries(ours('parameters'))) {
    assertClose(name, value.data, fixture.tensor(`final/param/${name}`), PARAMETER);
  }
  const averages = ours('average');
  for (const [name, parameter] of Object.entries(ours('parameters'))) {
    const average = tidy(() =>
      averager.update(tensor(averages[name]!.data), tensor(parameter.data)).dataSync(),
    );
    assertClose(`average of ${name}`, average, fixture.tensor(`final/ema/${name}`), PARAMETER);
  }
  for (const latent of latentsOf(parts.model)) {
    const expected = sequenceFirst(fixture.tensor(`final/carry/${latent}`));
    assertClose(latent, final[`carry/${latent}`]!.data, expected, LATENT);
  }
}

function checkMetrics(
  fixture: Fixture,
  call: number,
  { model, optimizer }: TrainingParts,
  sums: StepSums,
  globalBatchSize: number,
): void {
  const progress = { step: call + 1, totalSteps: fixture.json.config.hyper.total_steps };
  const metrics: Record<string, number> = {
    ...trainingMetrics(model, sums.metrics, globalBatchSize),
    lr: optimizer.scalars(progress)['learningRate']!,
  };
  for (const [name, expected] of Object.entries(fixture.json.metrics_per_call[call])) {
    const received = metrics[name.replace('train/', '')];
    if (received === undefined) throw new Error(`call ${call} has no metric ${name}`);
    assertClose(`call ${call}, ${name}`, [received], [expected as number], METRIC);
  }
}

/** The fixture was made without exploration: its model draws no minimum of steps. */
function batchOf(fixture: Fixture, call: number): HostBatch {
  const int32 = (name: string) => fixture.tensor(`batch${call}/${name}`).data as Int32Array;
  const puzzleIdentifiers = int32('puzzle_identifiers');
  return {
    inputs: int32('inputs'),
    labels: int32('labels'),
    puzzleIdentifiers,
    count: puzzleIdentifiers.length,
  };
}

function under(folder: string, tree: HostTree): HostTree {
  return Object.fromEntries(Object.entries(tree).map(([name, v]) => [`${folder}/${name}`, v]));
}

function within(folder: string, tree: HostTree): HostTree {
  const names = Object.keys(tree).filter((name) => name.startsWith(`${folder}/`));
  return Object.fromEntries(names.map((name) => [name.slice(folder.length + 1), tree[name]!]));
}
