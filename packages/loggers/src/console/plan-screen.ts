/** The screen after the first steps; `pipeline plan` prints the same. */
import type { PlannedCandidate } from '@eddy/core/report';
import type { TrainingPlan } from '@eddy/core';

import { formatBytes, formatCount, formatDuration, formatFlops } from './format.ts';
import { plainStyle, type Style } from './style.ts';
import { tableLines } from './table.ts';
import { wrapText } from './width.ts';

/** The device is not here to be timed. */
const UNKNOWN = 'time unknown';

/** Spaces before the values. */
const HANG = 14;

/** @param width  columns of the terminal */
export function planScreen(
  plan: TrainingPlan,
  style: Style = plainStyle,
  width = Infinity,
): string[] {
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
  const recomputed = plan.recompute === true ? ', activations recomputed' : '';
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
    ...rows.flatMap(([label, text]) => {
      const [first, ...more] = wrapText(text, width - HANG);
      const head = `  ${style('dim', label.padEnd(HANG - 4))}  ${first}`;
      return [head, ...more.map((line) => ' '.repeat(HANG) + line)];
    }),
    ...candidateTable(plan, style, width),
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
  width: number,
): string[] {
  if (candidates.length < 2 || memoryBudgetBytes === undefined) return [];
  const time = ({ relativeTime }: PlannedCandidate) =>
    stepMs === undefined ? `× ${relativeTime.toFixed(2)}` : formatDuration(stepMs * relativeTime);
  const rows = candidates.map((c) => {
    const memory = c.memoryBytes === undefined ? '?' : formatBytes(c.memoryBytes);
    return [
      String(c.microBatchSize),
      c.recompute ? 'computed again' : 'kept',
      `${c.isMeasured ? '' : '~'}${memory}`,
      `${c.isChosen ? '' : '~'}${time(c)}`,
      c.isChosen ? '← taken' : c.fits ? '' : 'does not fit',
    ];
  });
  const title = `  ways to cut the step; the fastest within ${formatBytes(memoryBudgetBytes)} is taken (~ estimated)`;
  const isNumber = (column: number) => column === 0 || column === 2 || column === 3;
  return [
    '',
    ...wrapText(style('dim', title), width, 2),
    ...tableLines(['rows', 'activations', 'memory', 'step', ''], rows, {
      width,
      style,
      indent: 4,
      isNumber,
    }),
  ];
}
