/** The screen after the first steps; `pipeline plan` prints the same. */
import type { PlannedCandidate } from '@eddy/core/report';
import type { TrainingPlan } from '@eddy/core';

import { formatBytes, formatCount, formatDuration, formatFlops } from './format.ts';
import { plainStyle, type Style } from './style.ts';

/** The device is not here to be timed. */
const UNKNOWN = 'time unknown';

export function planScreen(plan: TrainingPlan, style: Style = plainStyle): string[] {
  const groups = Object.entries(plan.parameterGroups)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${formatCount(count)}`)
    .join(', ');
  const microBatches = Math.ceil(plan.globalBatchSize / plan.microBatchSize);
  const batch =
    microBatches === 1
      ? `batch ${formatCount(plan.globalBatchSize)}`
      : `batch ${formatCount(plan.globalBatchSize)} in ${microBatches} micro-batches of ${plan.microBatchSize}`;
  const isLimitKnown = plan.memoryLimitBytes > 0;
  const fits = !isLimitKnown || plan.memoryBytes <= plan.memoryLimitBytes;
  const limit = isLimitKnown ? ` of ${formatBytes(plan.memoryLimitBytes)}` : '';
  const recomputed = plan.recompute === true ? ', activations computed again' : '';
  const memory = `${formatBytes(plan.memoryBytes)}${limit}${recomputed}`;
  const rows: [string, string][] = [
    ['data', plan.dataset],
    ['parameters', `${formatCount(plan.parameters)}${groups === '' ? '' : ` (${groups})`}`],
    ['training', `${formatCount(plan.totalSteps)} steps, ${batch}`],
    ['engine', `${plan.engine}, ${plan.precision}`],
    ['memory', fits ? memory : style('red', `${memory}: does not fit`)],
    ...(plan.disk === undefined ? [] : [['disk', diskText(plan.disk, style)] as [string, string]]),
    ['step', stepText(plan)],
    ['in all', totalText(plan, style)],
    ['results', plan.folder],
  ];
  return [
    ...rows.map(([label, text]) => `  ${style('dim', label.padEnd(10))}  ${text}`),
    ...candidateTable(plan, style),
  ];
}

function diskText(disk: NonNullable<TrainingPlan['disk']>, style: Style): string {
  const { checkpointBytes, checkpoints, dataBytes, freeBytes } = disk;
  const bytes = checkpoints * checkpointBytes;
  const parts = `${formatBytes(bytes)} (${checkpoints} checkpoints of ${formatBytes(checkpointBytes)}), data ${formatBytes(dataBytes)}`;
  if (freeBytes === undefined) return parts;
  const text = `${parts}; ${formatBytes(freeBytes)} free`;
  return bytes <= freeBytes ? text : style('red', `${text}: does not fit`);
}

function stepText({ stepMs, flopsPerStep, compileMs }: TrainingPlan): string {
  const parts = [stepMs === undefined ? UNKNOWN : formatDuration(stepMs)];
  if (flopsPerStep !== undefined) {
    const rate = stepMs === undefined ? '' : ` (${formatFlops((flopsPerStep / stepMs) * 1000)}/s)`;
    parts.push(`${formatFlops(flopsPerStep)}${rate}`);
  }
  return [...parts, `compiled in ${formatDuration(compileMs)}`].join(', ');
}

function totalText({ totalMs, evaluations }: TrainingPlan, style: Style): string {
  if (totalMs === undefined) return UNKNOWN;
  const evaluated =
    evaluations === undefined
      ? 'without evaluations'
      : `of which ${formatDuration(evaluations.durationMs)} for ${evaluations.count} evaluations`;
  return `${style('bold', formatDuration(totalMs))}, ${evaluated}`;
}

/** Ways to cut the step, where there was a choice. */
function candidateTable(
  { candidates = [], memoryBudgetBytes, stepMs }: TrainingPlan,
  style: Style,
) {
  if (candidates.length < 2 || memoryBudgetBytes === undefined) return [];
  const header = `  ${'rows'.padStart(6)}  activations     memory        step`;
  const time = ({ relativeTime }: PlannedCandidate) =>
    stepMs === undefined ? `× ${relativeTime.toFixed(2)}` : formatDuration(stepMs * relativeTime);
  const line = (c: PlannedCandidate): string => {
    const memory = c.memoryBytes === undefined ? '?' : formatBytes(c.memoryBytes);
    const columns = [
      String(c.microBatchSize).padStart(6),
      (c.recompute ? 'computed again' : 'kept').padEnd(14),
      `${c.isMeasured ? '' : '~'}${memory}`.padStart(8),
      `${c.isChosen ? '' : '~'}${time(c)}`.padStart(10),
    ];
    const text = `  ${columns.join('  ')}  ${c.isChosen ? '← taken' : c.fits ? '' : 'does not fit'}`;
    return c.isChosen ? style('bold', text.trimEnd()) : text.trimEnd();
  };
  return [
    '',
    `  ${style('dim', `ways to cut the step; the fastest within ${formatBytes(memoryBudgetBytes)} is taken (~ estimated)`)}`,
    style('dim', header),
    ...candidates.map(line),
  ];
}
