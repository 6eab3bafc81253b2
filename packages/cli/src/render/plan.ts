import type { TrainingPlan } from '@eddy/core';

/** The screen of `pipeline plan`. */
export function renderPlan(plan: TrainingPlan): string {
  const micro =
    plan.microBatchSize === plan.globalBatchSize
      ? ''
      : `, in micro-batches of ${plan.microBatchSize}`;
  const limit = plan.memoryLimitBytes > 0 ? ` of ${bytes(plan.memoryLimitBytes)}` : '';
  const flops =
    plan.flopsPerStep === undefined
      ? ''
      : ` (${(plan.flopsPerStep / 1e9).toFixed(1)} GFLOP, ${(plan.flopsPerStep / plan.stepMs / 1e6).toFixed(0)} GFLOP/s)`;
  const groups = Object.entries(plan.parameterGroups)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count.toLocaleString('en')}`)
    .join(', ');
  return [
    `engine      ${plan.engine}, ${plan.precision}`,
    `parameters  ${plan.parameters.toLocaleString('en')} (${groups})`,
    `data        ${plan.dataset}`,
    `batch       ${plan.globalBatchSize}${micro}`,
    `memory      ${bytes(plan.memoryBytes)}${limit}`,
    `step        ${plan.stepMs.toFixed(1)} ms${flops}`,
    `training    ${plan.totalSteps.toLocaleString('en')} steps, ${duration(plan.totalMs)} (compiling ${duration(plan.compileMs)})`,
    `results     ${plan.folder}`,
    '',
  ].join('\n');
}

function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10));
  return `${(count / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
