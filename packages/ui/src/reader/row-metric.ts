/** The metric that a list shows of a run. */
import { describeMetric, directionOf, headlineOf } from '@eddy/core/report';

import type { RowMetric } from '../api/runs.ts';
import type { DigestEvaluation, JournalDigest } from './journal-digest.ts';

/** Returns the headline's metric; the training loss while nothing was evaluated. */
export function rowMetric(digest: JournalDigest): RowMetric | undefined {
  const headline = headlineOf(digest.judged);
  const { result } = headline ?? {};
  if (headline === undefined || result?.metric === undefined) return trainingLoss(digest);
  const name = result.metric;
  const described = digest.started?.run.metrics ?? {};
  const evaluations = [...digest.evaluations.values()].filter(
    ({ split, label, metrics }) =>
      // Averaged weights, and other trainings of the pipeline, are judged apart.
      split === result.split && label === headline.label && Number.isFinite(metrics[name]),
  );
  const best = bestOf(evaluations, name, directionOf(name, described));
  return {
    name,
    label: describeMetric(name, described).label,
    isShare: describeMetric(name, described).scale === 'share',
    split: result.split,
    value: result.metrics[name]!,
    step: headline.step,
    text: headline.text,
    ...(best === undefined ? {} : { best: best.metrics[name]!, bestStep: best.step }),
    evaluations: evaluations.length,
  };
}

function bestOf(
  evaluations: readonly DigestEvaluation[],
  name: string,
  direction: ReturnType<typeof directionOf>,
): DigestEvaluation | undefined {
  if (direction === undefined) return undefined;
  const sign = direction === 'max' ? 1 : -1;
  return evaluations.reduce<DigestEvaluation | undefined>(
    (best, one) =>
      best === undefined || sign * one.metrics[name]! > sign * best.metrics[name]! ? one : best,
    undefined,
  );
}

function trainingLoss({ step, started }: JournalDigest): RowMetric | undefined {
  const name = ['lm_loss', 'loss'].find((loss) => step?.metrics[loss] !== undefined);
  if (step === undefined || name === undefined) return undefined;
  const { label } = describeMetric(name, started?.run.metrics);
  const text = `${label} of step ${step.step}; nothing was evaluated yet`;
  const value = step.metrics[name]!;
  return {
    name,
    label,
    isShare: false,
    split: 'train',
    value,
    step: step.step,
    text,
    evaluations: 0,
  };
}
