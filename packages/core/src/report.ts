/** What a run leaves behind and how it is worded: for loggers and reports. */
export { formatBytes } from './config/byte-size.ts';
export type { GridStyle, TokenStyle } from './contracts/grid-style.ts';
export type { LeakageReport, SettingResult, PlannedCandidate } from './contracts/events.ts';
export type { MetricDescription, MetricDescriptions } from './contracts/metric.ts';
export {
  readTrace,
  type EvaluationTrace,
  type TracedExample,
  type TracedStep,
} from './evaluate/trace.ts';
export {
  compareOutcomes,
  readOutcomes,
  type OutcomeDifference,
  type StoredOutcomes,
} from './evaluate/outcomes.ts';
export { readJournal } from './run/journal.ts';
export { fromJson, toJson } from './run/json.ts';
export { evaluationSet, trainingSet } from './run/evaluation-set.ts';
export { headlineOf, affectsHeadline, type Headline } from './run/headline.ts';
export {
  describeMetric,
  directionOf,
  formatMetric,
  formatValue,
  isHeadline,
  isShare,
  metricDescriptionsOf,
  type Direction,
} from './run/metric.ts';
export { lttb } from './run/lttb.ts';
export { openRunFolder, type RunFolder, type RunManifest } from './run/run-folder.ts';
export { isRunLocked, lockHolder } from './run/lock.ts';
export { isSweepFolder, openSweepFolder, type SweepFolder } from './sweep/sweep-folder.ts';
export { readEnded } from './sweep/sweep-journal.ts';
export { resultCollector, type SweepResults } from './sweep/results.ts';
