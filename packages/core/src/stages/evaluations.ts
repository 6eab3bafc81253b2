/** Which stages of a pipeline evaluate which training, and on which splits. */
import type { StageView } from '../contracts/services.ts';
import { isDescribed } from '../run/metric.ts';
import { CHECKPOINT_ARTIFACT } from '../train/session/checkpoint-artifact.ts';

export const EVALUATION_ARTIFACT = 'evaluation';

/** A stage that evaluates the checkpoints of a training while it waits. */
export interface TrainingEvaluation {
  /** Key of the stage. */
  readonly stage: string;
  /** Its plugin and options. */
  readonly reference: StageView['reference'];
  /** Key of the training. */
  readonly training: string;
  /**
   * The splits that it evaluates: its own, after the one that the training's monitor watches where no stage
   * was told to evaluate that one. The first stage of the training does it then.
   */
  readonly splits: readonly string[];
}

/** The stages `evaluate` that take checkpoints from a training, in the order in which they run. */
export function evaluationsOf(views: readonly StageView[]): readonly TrainingEvaluation[] {
  const found = views.flatMap((view) => {
    const { name: stage, reference } = view;
    const training = trainingOf(view, views);
    const { use, split } = reference;
    if (use !== 'evaluate' || training === undefined || typeof split !== 'string') return [];
    return [{ stage, reference, training, splits: [split] }];
  });
  const alone = (training: string): string | undefined => {
    const split = monitoredSplitOf(views.find(({ name }) => name === training));
    const own = found.filter((evaluation) => evaluation.training === training);
    return own.some(({ splits }) => splits.includes(split!)) ? undefined : split;
  };
  return found.map((evaluation, i) => {
    const { training } = evaluation;
    const isFirst = found.findIndex((other) => other.training === training) === i;
    const monitored = isFirst ? alone(training) : undefined;
    return monitored === undefined
      ? evaluation
      : { ...evaluation, splits: [monitored, ...evaluation.splits] };
  });
}

/**
 * Returns what decides the values of the metric that a training's monitor watches, and so its end: the
 * evaluations on that split, and those of their evaluators that may report the metric. Undefined where nothing is
 * watched. An evaluator that does not say what it reports may report anything.
 */
export function monitoredBy(
  training: string,
  views: readonly StageView[],
  metric: string | undefined,
): unknown {
  const split = monitoredSplitOf(views.find(({ name }) => name === training));
  if (split === undefined || metric === undefined) return undefined;
  return evaluationsOf(views)
    .filter((evaluation) => evaluation.training === training && evaluation.splits.includes(split))
    .map(({ stage, reference }) => {
      const { maxExamples, model, allowOtherModel } = reference;
      const evaluators = views
        .find(({ name }) => name === stage)!
        .parts.filter(
          ({ kind, metrics }) =>
            kind === 'evaluator' && (metrics === undefined || isDescribed(metric, metrics)),
        )
        .map((part) => ({ ...part.reference, version: part.version }));
      return { stage, maxExamples, model, allowOtherModel, evaluators };
    });
}

/**
 * True if some stage, of whatever plugin, evaluates the checkpoints of a training. One that was given a
 * checkpoint counts: `pipeline evaluate` gives every stage one, and the training does not run then.
 */
export function isEvaluated(training: string, views: readonly StageView[]): boolean {
  return views.some(
    (view) =>
      view.provides.includes(EVALUATION_ARTIFACT) &&
      (view.reference['checkpoint'] !== undefined || trainingOf(view, views) === training),
  );
}

/** The training whose checkpoints come to a stage, directly or by way of stages that pass them on. */
function trainingOf({ takesFrom }: StageView, views: readonly StageView[]): string | undefined {
  for (const name of takesFrom) {
    const provider = views.find((view) => view.name === name);
    if (provider?.provides.includes(CHECKPOINT_ARTIFACT) !== true) continue;
    if (provider.parts.some(({ kind }) => kind === 'optimizer')) return name;
    const before = trainingOf(provider, views);
    if (before !== undefined) return before;
  }
  return undefined;
}

function monitoredSplitOf(training: StageView | undefined): string | undefined {
  const monitor = training?.reference['monitor'] as { readonly split?: unknown } | undefined;
  return typeof monitor?.split === 'string' ? monitor.split : undefined;
}
