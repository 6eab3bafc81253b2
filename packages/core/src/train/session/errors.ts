/** Errors of a training under way. */
import { EddyError, shellWord } from '@eddy/tensor/errors';
import type { MonitoredMetric } from '../../contracts/events.ts';
import type { NonFiniteCounts } from './non-finite.ts';

export function nonFinite(facts: {
  step: number;
  tensor: string;
  loss: number;
  gradNorm: number;
  lastGood: string | undefined;
  counts: NonFiniteCounts;
  /** How the user goes on; see `lowerRate`. */
  lowerRate: LowerRate;
}): EddyError {
  return new EddyError({
    code: 'NON_FINITE',
    message: `${facts.tensor} is not finite in step ${facts.step}${earlierText(facts.counts)}`,
    at: `step ${facts.step}, ${facts.tensor}`,
    expected: 'finite loss and gradients',
    received: `loss ${facts.loss}, gradient norm ${facts.gradNorm}`,
    fix: lowerRateText(facts.lowerRate, facts.lastGood),
  });
}

export function stateNotFinite(facts: {
  step: number;
  tensor: string;
  lastGood: string | undefined;
  lowerRate: LowerRate;
}): EddyError {
  return new EddyError({
    code: 'STATE_NOT_FINITE',
    message: `${facts.tensor} is not finite after step ${facts.step}; no checkpoint was saved`,
    at: `step ${facts.step}, ${facts.tensor}`,
    expected: 'finite values in the whole state',
    received: 'NaN or infinity',
    fix: lowerRateText(facts.lowerRate, facts.lastGood),
  });
}

export function monitorMetricMissing(facts: {
  stage: string;
  step: number;
  watched: MonitoredMetric;
  /** Split → its metrics. */
  measured: ReadonlyMap<string, Readonly<Record<string, number>>>;
}): EddyError {
  const { stage, step, watched, measured } = facts;
  const { metric, split } = watched;
  const metrics = Object.keys(measured.get(split) ?? {});
  const splits = [...measured.keys()];
  const isEvaluated = metrics.length > 0;
  return new EddyError({
    code: 'MONITOR_METRIC_MISSING',
    message: isEvaluated
      ? `the evaluation of step ${step} on ${split} has no metric ${metric}`
      : `the checkpoint of step ${step} was not evaluated on ${split}, which ${stage}.monitor watches`,
    at: isEvaluated ? `${stage}.monitor.metric` : `${stage}.monitor.split`,
    expected: isEvaluated
      ? `one of ${metrics.join(', ')}`
      : `an evaluation on ${split} of every checkpoint that is due for one`,
    received: isEvaluated ? metric : splits.join(', ') || 'no evaluation',
    fix: isEvaluated
      ? `name a metric that is measured: \`${stage}.monitor.metric=${metrics.includes('exact_accuracy') ? 'exact_accuracy' : metrics[0]}\`; or add the evaluator that measures ${metric}; and start a new run`
      : `run the stage that evaluates ${split} too: remove --until, or name the split in its options: \`evaluate.split=${split}\``,
    exitCode: 2,
  });
}

export function checkpointMismatch(facts: {
  path: string;
  expected: string;
  received: string;
}): EddyError {
  return new EddyError({
    code: 'CHECKPOINT_MISMATCH',
    message: 'the checkpoint does not fit the model and optimizer of this run',
    at: facts.path,
    expected: facts.expected,
    received: facts.received,
    fix: 'set the options of the model and the optimizer to those of its run (config.yml), or start a new run in another folder: `--run-dir FOLDER`',
    exitCode: 2,
  });
}

/** What the fix of a training whose numbers broke down is made of. */
export interface LowerRate {
  readonly runFolder: string;
  readonly stage: string;
  /** The learning rate after the warm-up. */
  readonly rate: number;
}

/** A rate that most trainings bear. */
const USUAL_RATE = 1e-3;

function lowerRateText(
  { runFolder, stage, rate }: LowerRate,
  lastGood: string | undefined,
): string {
  // A rate that is no rate is not lowered ten times over.
  const lower = Math.min(rate / 10, USUAL_RATE);
  const override = `${stage}.optimizer.learningRate=${Number(lower.toPrecision(2))}`;
  const from =
    lastGood === undefined
      ? 'no checkpoint was saved yet; start again at a lower learning rate'
      : `continue from the last good checkpoint, ${lastGood}, at a lower learning rate`;
  return `${from}: \`pipeline resume ${shellWord(runFolder)} ${override}\``;
}

function earlierText({ consecutiveSkips, rollbacks }: NonFiniteCounts): string {
  if (consecutiveSkips > 0) return `, after ${consecutiveSkips} skipped steps in a row`;
  return rollbacks > 0 ? `, after ${rollbacks} rollbacks` : '';
}
