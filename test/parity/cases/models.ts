/** A model in float32: three training steps with gradients, then an evaluation, of the reference. */
import { FLOAT32_ENGINES, type CaseHandler } from '../case-handler.ts';
import { assertClose, assertEqual } from '../compare.ts';
import type { Fixture } from '../fixture.ts';
import {
  CARRIED,
  latentsOf,
  ReferenceModel,
  sequenceFirst,
  type StepValues,
} from '../reference-model.ts';

/** As the README of the fixtures suggests for float32. */
const VALUE = { absolute: 1e-4 };
const GRADIENT = { relativeToMax: 2e-4 };

const EXACT_METRICS = ['count', 'exact_accuracy', 'q_halt_accuracy', 'steps'];
const REAL_METRICS = ['accuracy', 'lm_loss', 'q_halt_loss', 'q_continue_loss'];

export const handler: CaseHandler = {
  matches: (name) => /^(trm_|hrm$|transformers_baseline$)/.test(name) && !name.endsWith('_bf16'),
  engines: FLOAT32_ENGINES,
  async run(fixture, engine) {
    const reference = new ReferenceModel(fixture, engine);
    await compareTraining(fixture, reference);
    await compareEvaluation(fixture, reference);
    await reference.dispose();
  },
};

/** On our own trajectory: each step starts from the carry that our last one returned. */
async function compareTraining(fixture: Fixture, reference: ReferenceModel): Promise<void> {
  let carry = reference.carryIn();
  for (let t = 0; fixture.has(`step${t}/loss`); t++) {
    const step = await reference.step(carry, reference.batch(t), true);
    compareOutputs(fixture, `step${t}`, step);
    compareCarry(fixture, `step${t}`, step, latentsOf(reference.model));
    compareGradients(fixture, `step${t}`, step);
    carry = step.carry;
  }
}

/** The first batch from a fresh carry to the last step. */
async function compareEvaluation(fixture: Fixture, reference: ReferenceModel): Promise<void> {
  let carry = reference.model.initialCarry(reference.batchSize);
  for (let t = 0; fixture.has(`eval${t}/loss`); t++) {
    const step = await reference.step(carry, reference.batch(0), false);
    compareOutputs(fixture, `eval${t}`, step);
    assertEqual(`eval${t}/halted`, step.carry['halted']!.data, fixture.tensor(`eval${t}/halted`));
    carry = step.carry;
  }
}

function compareOutputs(
  fixture: Fixture,
  at: string,
  { loss, outputs, metrics }: StepValues,
): void {
  for (const name of ['logits', 'q_halt_logits', 'q_continue_logits']) {
    const output = `${at}/${name}`;
    if (!fixture.has(output)) continue;
    assertClose(output, outputs[name]!.data, fixture.tensor(output), VALUE);
  }
  assertEqual(`${at}/preds`, outputs['preds']!.data, fixture.tensor(`${at}/preds`));
  assertClose(`${at}/loss`, [loss], fixture.tensor(`${at}/loss`), VALUE);
  for (const name of EXACT_METRICS) {
    const metric = `${at}/metrics/${name}`;
    assertEqual(metric, metrics[name]!.data, fixture.tensor(metric));
  }
  for (const name of REAL_METRICS) {
    const metric = `${at}/metrics/${name}`;
    if (!fixture.has(metric)) continue;
    assertClose(metric, metrics[name]!.data, fixture.tensor(metric), VALUE);
  }
}

function compareCarry(
  fixture: Fixture,
  at: string,
  { carry }: StepValues,
  latents: readonly string[],
): void {
  for (const name of latents) {
    const expected = sequenceFirst(fixture.tensor(`${at}/carry/${name}`));
    assertClose(`${at}/carry/${name}`, carry[name]!.data, expected, VALUE);
  }
  for (const [ours, theirs] of CARRIED) {
    const name = `${at}/carry/${theirs}`;
    assertEqual(name, carry[ours]!.data, fixture.tensor(name));
  }
}

function compareGradients(fixture: Fixture, at: string, step: StepValues): void {
  for (const [name, gradient] of Object.entries(step.gradients)) {
    const full = `${at}/grad/${name}`;
    const norm = `${at}/grad_norm/${name}`;
    if (fixture.has(full)) assertClose(full, gradient.data, fixture.tensor(full), GRADIENT);
    else assertClose(norm, [l2(gradient.data)], fixture.tensor(norm), GRADIENT);
  }
  const rows = step.rows['puzzleEmbedding'];
  const gradients = step.rowGradients['puzzleEmbedding'];
  if (rows === undefined || gradients === undefined) return;
  const table = `${at}/puzzle_emb`;
  assertEqual(`${table}/local_weights`, rows.data, fixture.tensor(`${table}/local_weights`));
  const name = `${table}/local_weights_grad`;
  assertClose(name, gradients.data, fixture.tensor(name), GRADIENT);
}

function l2(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
}
