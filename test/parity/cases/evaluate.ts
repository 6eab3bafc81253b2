/** `evaluate`: three batches through the reference's evaluation loop, the last one padded. */
import { evaluationMetrics, EvaluationRunner } from '@eddy/core/training';
import { fromStateDict } from '@eddy/core/checkpoint';
import type { EvaluationRows } from '@eddy/core/data';

import { FLOAT32_ENGINES, type CaseHandler, type ParityEngine } from '../case-handler.ts';
import { assertClose } from '../compare.ts';
import { engineFor } from '../engine-for.ts';
import type { Fixture } from '../fixture.ts';
import { modelOf } from '../reference-arch.ts';
import { hostTensor } from '../reference-model.ts';

const EXACT = ['exact_accuracy', 'q_halt_accuracy', 'steps'];

export const handler: CaseHandler = {
  matches: (name) => name === 'evaluate',
  engines: FLOAT32_ENGINES,
  run: checkEvaluation,
};

async function checkEvaluation(fixture: Fixture, parityEngine: ParityEngine): Promise<void> {
  const { config: arch, result, effective_batch } = fixture.json;
  const model = modelOf(arch);
  const stored = Object.entries(fixture.tensorsUnder('init/'));
  const stateDict = Object.fromEntries(stored.map(([name, value]) => [name, hostTensor(value)]));

  const engine = await engineFor(parityEngine);
  const sizes = { batchSize: arch.batch_size as number, seqLen: arch.seq_len as number };
  const runner = await EvaluationRunner.compile(engine, model, sizes, {
    outputs: ['preds'],
    countsPadding: true, // as the reference
  });
  const state = await engine.upload(fromStateDict(model, stateDict));
  await runner.open(state);
  const totals: Record<string, number> = {};
  for (const [index, count] of effective_batch.entries()) {
    const batch = batchOf(fixture, index, count);
    const { sums } = await runner.run(state, batch, { averaged: false });
    for (const [name, sum] of Object.entries(sums)) totals[name] = (totals[name] ?? 0) + sum;
  }
  await state.dispose();

  const metrics = evaluationMetrics(model, totals, totals['count']!);
  for (const [name, expected] of Object.entries(result.all as Record<string, number>)) {
    // The exact ones are quotients of small integers, which the reference stores in float32.
    const absolute = EXACT.includes(name) ? 1e-7 : 1e-5;
    assertClose(name, [metrics[name] ?? Number.NaN], [expected], { absolute });
  }
}

function batchOf(fixture: Fixture, index: number, count: number): EvaluationRows {
  const int32 = (name: string) => fixture.tensor(`batch${index}/${name}`).data as Int32Array;
  return {
    inputs: int32('inputs'),
    labels: int32('labels'),
    puzzleIdentifiers: int32('puzzle_identifiers'),
    count,
    firstExample: 0,
    ratings: null,
  };
}
