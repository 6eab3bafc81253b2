/** The metric that a list shows of a run. */
import { isHeadline } from '@eddy/core/report';

import type { RowMetric } from '../api/runs.ts';
import type { DigestEvaluation, JournalDigest } from './journal-digest.ts';

/** Shown where an evaluation has them, in this order. */
const USUAL = ['exact_accuracy', 'accuracy'];

export function rowMetric(digest: JournalDigest): RowMetric | undefined {
  const evaluations = [...digest.evaluations.values()].sort((a, b) => a.step - b.step);
  const last = evaluations.at(-1);
  if (last === undefined) return trainingLoss(digest);
  const names = Object.keys(last.metrics);
  const name =
    USUAL.find((usual) => names.includes(usual)) ?? names.find((other) => isHeadline(other)) ?? names[0];
  if (name === undefined) return undefined;
  const looks = evaluations.filter(
    ({ set, metrics }) => set === last.set && Number.isFinite(metrics[name]),
  );
  const best = bestOf(looks, name);
  return {
    name,
    set: last.set,
    last: last.metrics[name]!,
    lastStep: last.step,
    ...(best === undefined ? {} : { best: best.metrics[name]!, bestStep: best.step }),
    looks: looks.length,
  };
}

function bestOf(looks: readonly DigestEvaluation[], name: string): DigestEvaluation | undefined {
  const sign = /accuracy|pass@|valid/.test(name) ? 1 : /loss/.test(name) ? -1 : 0;
  if (sign === 0) return undefined;
  return looks.reduce<DigestEvaluation | undefined>(
    (best, look) =>
      best === undefined || sign * look.metrics[name]! > sign * best.metrics[name]! ? look : best,
    undefined,
  );
}

function trainingLoss({ step }: JournalDigest): RowMetric | undefined {
  const name = ['lm_loss', 'loss'].find((loss) => step?.metrics[loss] !== undefined);
  if (step === undefined || name === undefined) return undefined;
  return { name, set: 'train', last: step.metrics[name]!, lastStep: step.step, looks: 0 };
}
