/** optim_adam_atan2, optim_signsgd, ema, lr_schedule: the update rules by themselves. */
import { totalSteps } from '@eddy/core/data';
import { updateRows } from '@eddy/core/training';
import type { DatasetMetadata } from '@eddy/core';
import { AdamAtan2, Ema, learningRateAt, SignSgd } from '@eddy/optimizers';
import { scalar, tensor, tidy, type Scalar, type Tensor } from '@tensorflow/tfjs-core';

import type { CaseHandler } from '../case-handler.ts';
import { assertClose, assertEqual } from '../compare.ts';
import type { Fixture, FixtureTensor } from '../fixture.ts';

const runners: Record<string, (fixture: Fixture) => void> = {
  optim_adam_atan2: checkAdamAtan2,
  optim_signsgd: checkSignSgd,
  ema: checkEma,
  lr_schedule: checkSchedule,
};

export const handler: CaseHandler = {
  matches: (name) => name in runners,
  run: (fixture) => tidy(() => runners[fixture.name]!(fixture)),
};

const constantRate = { warmupSteps: 0, minLearningRateRatio: 1 };

function checkAdamAtan2(fixture: Fixture): void {
  for (const { run, betas, weight_decay, lrs } of fixture.json.config.runs) {
    const initial = fixture.tensorsUnder(`${run}/init/`);
    for (const [name, value] of Object.entries(initial)) {
      let parameter: Tensor = toTensor(value);
      let slots = { m: parameter.mul(0), v: parameter.mul(0) } as Record<string, Tensor>;
      let updates = 0;
      lrs.forEach((learningRate: number, step: number) => {
        // A parameter without a gradient stays untouched and its counter does not advance.
        if (fixture.has(`${run}/grad${step}/${name}`)) {
          const rule = new AdamAtan2({
            ...constantRate,
            learningRate,
            weightDecay: weight_decay,
            beta1: betas[0],
            beta2: betas[1],
            variant: 'reference',
          });
          const gradient = toTensor(fixture.tensor(`${run}/grad${step}/${name}`));
          updates++;
          const scalars = toScalars(rule.scalars({ step: updates, totalSteps: 1 }));
          const updated = rule.update({ parameter, gradient, slots, scalars });
          parameter = updated.parameter;
          slots = updated.slots;
        }
        const after = `${run}/f32/step${step}/${name}`;
        const tolerance = { absolute: 2e-7, relativeToMax: 3e-7 };
        assertClose(
          `${after}/param`,
          parameter.dataSync(),
          fixture.tensor(`${after}/param`),
          tolerance,
        );
        if (!fixture.has(`${after}/exp_avg`)) return;
        const relative = { relativeToMax: 3e-7 };
        assertClose(
          `${after}/m`,
          slots['m']!.dataSync(),
          fixture.tensor(`${after}/exp_avg`),
          relative,
        );
        assertClose(
          `${after}/v`,
          slots['v']!.dataSync(),
          fixture.tensor(`${after}/exp_avg_sq`),
          relative,
        );
      });
    }
  }
}

function checkSignSgd(fixture: Fixture): void {
  const { lrs, weight_decay: weightDecay, world2_lr } = fixture.json.config;
  let table = toTensor(fixture.tensor('weights_init'));
  lrs.forEach((learningRate: number, step: number) => {
    const ids = toTensor(fixture.tensor(`ids${step}`), 'int32');
    const gradient = toTensor(fixture.tensor(`grad${step}`));
    assertEqual(
      `rows of step ${step}`,
      table.gather(ids as never).dataSync(),
      fixture.tensor(`local_weights${step}`),
    );
    table = signSgdStep({ table, ids, gradient, learningRate, weightDecay });
    assertClose(`step ${step}`, table.dataSync(), fixture.tensor(`weights_after${step}`), {
      absolute: 1e-7,
    });
  });

  const twoRanks = signSgdStep({
    table: toTensor(fixture.tensor('world2/weights_init')),
    ids: toTensor(fixture.tensor('world2/ids'), 'int32').flatten(),
    gradient: toTensor(fixture.tensor('world2/grads')).reshape([-1, fixture.json.config.dim]),
    learningRate: world2_lr,
    weightDecay,
  });
  assertClose('two ranks', twoRanks.dataSync(), fixture.tensor('world2/weights_after'), {
    absolute: 1e-7,
  });
}

function signSgdStep(args: {
  table: Tensor;
  ids: Tensor;
  gradient: Tensor;
  learningRate: number;
  weightDecay: number;
}): Tensor {
  const { table, ids, gradient, learningRate, weightDecay } = args;
  const rule = new SignSgd({ ...constantRate, learningRate, weightDecay });
  const scalars = toScalars(rule.scalars({ step: 1, totalSteps: 1 }));
  return updateRows({
    table,
    ids,
    gradient,
    rule: (rows, sum) => rule.update({ rows, gradient: sum, scalars }),
  });
}

function checkEma(fixture: Fixture): void {
  fixture.json.config.mus.forEach((rate: number, run: number) => {
    const ema = new Ema({ rate });
    for (const name of ['a', 'b']) {
      let average: Tensor = toTensor(fixture.tensor(`mu${run}/init/${name}`));
      for (let step = 0; fixture.has(`mu${run}/param${step}/${name}`); step++) {
        average = ema.update(average, toTensor(fixture.tensor(`mu${run}/param${step}/${name}`)));
        const what = `mu${run}/shadow${step}/${name}`;
        assertClose(what, average.dataSync(), fixture.tensor(what), { relativeToMax: 1.2e-7 });
      }
      assertClose(
        `mu${run}/ema_copy/${name}`,
        average.dataSync(),
        fixture.tensor(`mu${run}/ema_copy/${name}`),
        { relativeToMax: 1.2e-7 },
      );
    }
  });
}

function checkSchedule(fixture: Fixture): void {
  fixture.json.config.runs.forEach((run: Record<string, number>, index: number) => {
    const config = {
      learningRate: run['base_lr']!,
      warmupSteps: run['warmup']!,
      minLearningRateRatio: run['min_ratio']!,
    };
    const totalSteps = run['total_steps']!;
    const steps = [...fixture.tensor(`run${index}/steps`).data];
    const rates = steps.map((step) => learningRateAt(config, { step, totalSteps }));
    assertClose(`run${index}/lr`, rates, fixture.tensor(`run${index}/lr`), {
      relativeToMax: 1e-14,
    });
  });
  fixture.json.total_steps_examples.forEach(checkTotalSteps);
}

function checkTotalSteps(example: Record<string, number>): void {
  const split = {
    numGroups: example['total_groups']!,
    meanPuzzleExamples: example['mean_puzzle_examples']!,
  };
  const steps = totalSteps({
    epochs: example['epochs']!,
    metadata: { splits: { train: split } } as unknown as DatasetMetadata,
    globalBatchSize: example['global_batch_size']!,
  });
  assertEqual('total steps', [steps], [example['total_steps']!]);
}

function toTensor(value: FixtureTensor, dtype: 'float32' | 'int32' = 'float32'): Tensor {
  return tensor(value.data as Float32Array, [...value.shape], dtype);
}

function toScalars(values: Record<string, number>): Record<string, Scalar> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, scalar(value)]));
}
