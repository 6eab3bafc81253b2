/** The result of a run in one sentence: of which checkpoint, why that one, and measured on what. */
import type { MonitoredMetric, RunEvent } from '../contracts/events.ts';
import type { MetricDescriptions } from '../contracts/metric.ts';
import { evaluationSet } from './evaluation-set.ts';
import { formatMetric, usualMetric } from './metric.ts';

type EvaluationFinished = Extract<RunEvent, { type: 'evaluation-finished' }>;

/** The figures of the checkpoint that a run is judged by. */
export interface Headline {
  /** Step of that checkpoint. */
  readonly step: number;
  /** Label of its training, where the pipeline has several. */
  readonly label?: string;
  /**
   * Why this checkpoint: `train.monitor` found it best, with `value`, among `evaluations`; or it is the last
   * one that was evaluated. The best of many looks at the test set is never chosen without a monitor.
   */
  readonly choice:
    | ({
        readonly by: 'monitor';
        readonly value: number;
        readonly evaluations: number;
      } & MonitoredMetric)
    | { readonly by: 'last' };
  /** Its evaluation on data that did not choose it; `test` where there are several such splits. */
  readonly result?: {
    readonly split: string;
    readonly examples: number;
    readonly metrics: Readonly<Record<string, number>>;
    /** How many checkpoints of the training were evaluated on this split. */
    readonly evaluations: number;
    /** Name of the metric that says most: the monitored one, else `exact_accuracy`, else the first. */
    readonly metric?: string;
  };
  /** False if the only data that measured the checkpoint also chose it: its figures are optimistic. */
  readonly isIndependent: boolean;
  /** The checkpoint, why it was chosen and what to beware of, as a sentence without a full stop or figures. */
  readonly why: string;
  /** All of this as a sentence without a full stop. */
  readonly text: string;
}

const HEADLINE_TYPES: ReadonlySet<RunEvent['type']> = new Set<RunEvent['type']>([
  'run-started',
  'training-started',
  'stage-reused',
  'evaluation-finished',
  'monitor-updated',
]);

/** Returns true for an event that `headlineOf` reads, so that a reader of a long journal keeps no others. */
export function affectsHeadline({ type }: Pick<RunEvent, 'type'>): boolean {
  return HEADLINE_TYPES.has(type);
}

/**
 * Turns the events of a run into its headline; undefined while no checkpoint was evaluated. Of a pipeline
 * with several trainings it is the last one's. Weights that no training made, such as an average of
 * checkpoints, count only where there are no others.
 *
 * @param events  oldest first. Only those for which `affectsHeadline` is true are read: others may be left out.
 */
export function headlineOf(events: Iterable<RunEvent>): Headline | undefined {
  const { evaluations, updates, described, hasTrained } = ofLastTraining(events);
  const update = updates.at(-1);
  const last = evaluations.at(-1);
  if (last === undefined) return undefined;
  const best = update?.best;
  const step = best?.step ?? last.step;
  const chosenOn = best === undefined ? last.chosenOn : update!.split;
  const measured = evaluations.filter((evaluation) => evaluation.step === step);
  const split = splitOfResult(measured, chosenOn) ?? (measured.length > 0 ? chosenOn : undefined);
  const monitored = best === undefined ? undefined : update!.metric;
  const result =
    split === undefined
      ? undefined
      : resultOn(split, step, evaluations, { metric: monitored, described });
  const choice: Headline['choice'] =
    best === undefined
      ? { by: 'last' }
      : {
          by: 'monitor',
          metric: update!.metric,
          split: update!.split,
          mode: update!.mode,
          value: best.value,
          evaluations: new Set(updates.map((one) => one.step)).size,
        };
  const headline: Omit<Headline, 'why' | 'text'> = {
    step,
    ...(last.label === undefined ? {} : { label: last.label }),
    choice,
    ...(result === undefined ? {} : { result }),
    isIndependent: split !== chosenOn,
  };
  // An evaluation by itself is of the checkpoint that it was given.
  const isGiven = !hasTrained && evaluations.every((evaluation) => evaluation.step === step);
  return { ...headline, ...textsOf(headline, described, isGiven) };
}

/** The evaluations of the training that ran last, each as it was done last, and what its monitor made of them. */
function ofLastTraining(events: Iterable<RunEvent>) {
  let training: { readonly label: string | undefined } | undefined;
  const updates: Extract<RunEvent, { type: 'monitor-updated' }>[] = [];
  const all = new Map<string, EvaluationFinished>();
  let described: MetricDescriptions | undefined;
  for (const event of events) {
    if (event.type === 'run-started') described = event.run.metrics;
    if (event.type === 'training-started') training = { label: event.label };
    // A training that another run has done stands for one of this run.
    if (event.type === 'stage-reused' && event.madeBy !== undefined) {
      training = { label: event.madeBy.label };
    }
    if (event.type === 'monitor-updated') updates.push(event);
    // Several stages may evaluate a split, each into a folder of its own.
    if (event.type === 'evaluation-finished') {
      all.set(`${event.step}/${evaluationSet(event)}/${event.folder}`, event);
    }
  }
  const evaluated = [...all.values()];
  const isOfTraining = ({ label }: { readonly label?: string }) => label === training?.label;
  const label = evaluated.some(isOfTraining) ? training?.label : evaluated.at(-1)?.label;
  const isOwn = (event: { readonly label?: string }) => event.label === label;
  return {
    evaluations: evaluated.filter(isOwn),
    updates: updates.filter(isOwn),
    described,
    hasTrained: training !== undefined,
  };
}

/** The split of the result: not the one that chose; `test` first, data that was trained on last. */
function splitOfResult(
  measured: readonly EvaluationFinished[],
  chosenOn: string | undefined,
): string | undefined {
  const splits = measured.map(({ split }) => split).filter((split) => split !== chosenOn);
  if (splits.includes('test')) return 'test';
  return splits.findLast((split) => split !== 'train') ?? splits.at(-1);
}

function resultOn(
  split: string,
  step: number,
  evaluations: readonly EvaluationFinished[],
  {
    metric: monitored,
    described,
  }: { readonly metric: string | undefined; readonly described: MetricDescriptions | undefined },
): NonNullable<Headline['result']> {
  const onSplit = evaluations.filter((evaluation) => evaluation.split === split);
  const own = onSplit.filter((evaluation) => evaluation.step === step);
  // Several stages may have measured it, each by other evaluators.
  const metrics = Object.assign({}, ...own.map((evaluation) => evaluation.metrics)) as Record<
    string,
    number
  >;
  const names = Object.keys(metrics);
  const isMeasured = monitored !== undefined && names.includes(monitored);
  const metric = isMeasured ? monitored : (usualMetric(names, described) ?? names[0]);
  return {
    split,
    examples: Math.max(...own.map(({ examples }) => examples)),
    metrics,
    evaluations: new Set(onSplit.map((evaluation) => evaluation.step)).size,
    ...(metric === undefined ? {} : { metric }),
  };
}

function textsOf(
  { step, label, choice, result, isIndependent }: Omit<Headline, 'why' | 'text'>,
  described: MetricDescriptions | undefined,
  isGiven: boolean,
): Pick<Headline, 'why' | 'text'> {
  const of = label === undefined ? '' : ` of ${label}`;
  const by =
    choice.by === 'last'
      ? ''
      : `by ${choice.metric} on ${choice.split} ` +
        `(${formatMetric(choice.metric, choice.value, described)})`;
  if (result === undefined) {
    // Any checkpoint that this run evaluated has a result: the best one came with the state it started from.
    const text = `step ${count(step)}${of}, the best ${by}; it was evaluated in the run that this one continues`;
    return { why: text, text };
  }
  const chosen =
    choice.by === 'last'
      ? `step ${count(step)}${of}${isGiven ? '' : ', the last checkpoint'}`
      : `step ${count(step)}${of}, the best of ${count(choice.evaluations)} ${by}`;
  const { split, metric, metrics } = result;
  const figure =
    metric === undefined
      ? `evaluated on ${split}`
      : `${metric} ${formatMetric(metric, metrics[metric]!, described)} on ${split}`;
  const caveat = caveatOf({ choice, result, isIndependent });
  return { why: `${chosen}${caveat}`, text: `${chosen}: ${figure}${caveat}` };
}

function caveatOf({
  choice,
  result,
  isIndependent,
}: Pick<Headline, 'choice' | 'result' | 'isIndependent'>): string {
  if (!isIndependent) return '; optimistic, because the same data chose the checkpoint';
  if (result!.split === 'train') return '; measured on its training data';
  const { evaluations } = result!;
  if (choice.by === 'last' && evaluations > 1) {
    return ` (the last of ${count(evaluations)} evaluations; none was picked for its result)`;
  }
  return '';
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
