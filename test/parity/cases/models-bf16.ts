/**
 * `trm_*_bf16`: the reference in bfloat16. Rounding decides single values, so statistics are
 * compared, step by step from the reference's own carry. In float32 the twin that the reference ran
 * from the same weights is compared by value.
 */
import type { CaseHandler } from '../case-handler.ts';
import { assertClose, assertEqual } from '../compare.ts';
import type { Fixture } from '../fixture.ts';
import { ReferenceModel, type StepValues } from '../reference-model.ts';

/** How many times its own distance to float32 the reference's bfloat16 may lie from ours. */
const SLACK = 3;

interface Distance {
  readonly halted_bf16: readonly boolean[];
  readonly logits_meanabs: number;
  readonly q_maxabs: number;
  readonly pred_agreement: number;
  readonly grad_rel_l2_median: number;
}

export const handler: CaseHandler = {
  matches: (name) => name.endsWith('_bf16'),
  engines: ['oracle', 'xla-bf16'],
  async run(fixture, engine) {
    const reference = new ReferenceModel(fixture, engine);
    if (engine === 'oracle') await compareTwin(fixture, reference);
    else await compareStatistics(fixture, reference);
    await reference.dispose();
  },
};

async function compareTwin(fixture: Fixture, reference: ReferenceModel): Promise<void> {
  let carry = reference.carryIn();
  for (let t = 0; fixture.has(`step${t}/fp32_twin/loss`); t++) {
    const step = await reference.step(carry, reference.batch(t), true);
    for (const name of ['logits', 'q_halt_logits']) {
      const at = `step${t}/fp32_twin/${name}`;
      assertClose(at, step.outputs[name]!.data, fixture.tensor(at), { absolute: 1e-4 });
    }
    const at = `step${t}/fp32_twin/loss`;
    assertClose(at, [step.loss], fixture.tensor(at), { absolute: 1e-4 });
    carry = step.carry;
  }
}

async function compareStatistics(fixture: Fixture, reference: ReferenceModel): Promise<void> {
  const distances = fixture.json.bf16_vs_fp32 as Record<string, Distance>;
  let carry = reference.carryIn();
  for (let t = 0; fixture.has(`step${t}/loss`); t++) {
    const step = await reference.step(carry, reference.batch(t), true);
    compareStep(fixture, `step${t}`, step, distances[`step${t}`]!);
    carry = reference.carryAfter(t);
  }
}

function compareStep(fixture: Fixture, at: string, step: StepValues, distance: Distance): void {
  assertEqual(`${at}/halted`, step.carry['halted']!.data, distance.halted_bf16.map(Number));
  const logits = fixture.tensor(`${at}/logits`).data;
  const meanDifference = mean(logits, (x, i) => Math.abs(x - step.outputs['logits']!.data[i]!));
  assertBelow(`${at}/logits mean difference`, meanDifference, SLACK * distance.logits_meanabs);

  const q = fixture.tensor(`${at}/q_halt_logits`);
  const near = { absolute: SLACK * distance.q_maxabs };
  assertClose(`${at}/q_halt_logits`, step.outputs['q_halt_logits']!.data, q, near);

  const preds = fixture.tensor(`${at}/preds`).data;
  const disagreement = mean(preds, (x, i) => Number(x !== step.outputs['preds']!.data[i]!));
  const allowed = SLACK * Math.max(1 - distance.pred_agreement, 1 / preds.length);
  assertBelow(`${at}/preds disagreement`, disagreement, allowed);

  const errors = Object.entries(step.gradients)
    .filter(([name]) => fixture.has(`${at}/grad/${name}`))
    .map(([name, { data }]) => relativeL2(data, fixture.tensor(`${at}/grad/${name}`).data))
    .sort((a, b) => a - b);
  if (errors.length === 0) return;
  const median = errors[Math.floor(errors.length / 2)]!;
  assertBelow(`${at}/gradients, median error`, median, SLACK * distance.grad_rel_l2_median);
}

function assertBelow(what: string, value: number, bound: number): void {
  if (!(value <= bound)) throw new Error(`${what} is ${value}, allowed ${bound}`);
}

function mean(values: ArrayLike<number>, f: (value: number, index: number) => number): number {
  return Array.from(values, f).reduce((sum, value) => sum + value, 0) / values.length;
}

function relativeL2(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}
