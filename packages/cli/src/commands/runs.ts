import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

import { formatMetric, formatValue, toJson, isSweepFolder } from '@eddy/core/report';
import { listRuns, type RunStanding } from '@eddy/core/run';

import { renderTable } from '../render/table.ts';

/** Metrics to show of the last evaluation, where it has them. */
const SHOWN = ['exact_accuracy', 'accuracy'];

export async function runsCommand(
  folder: string,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const runs = (await Promise.all(foldersOfRuns(folder).map(listRuns))).flat();
  if (json === true) {
    process.stdout.write(`${toJson(runs)}\n`);
    return;
  }
  if (runs.length === 0) {
    process.stdout.write(`no runs in ${folder}\n`);
    return;
  }
  const shown = SHOWN.filter((name) =>
    runs.some(({ evaluation }) => name in metricsOf(evaluation)),
  );
  const header = ['RUN', 'STATUS', 'STARTED', 'STEP', 'EVALUATED', ...shown, 'BEST'];
  process.stdout.write(
    renderTable(
      header,
      runs.map((run) => rowOf(run, shown)),
    ),
  );
}

/** The folder itself, and those of the trials of a sweep that it is or holds. */
function foldersOfRuns(folder: string): string[] {
  const inside = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  const sweeps = [folder, ...inside.map(({ name }) => join(folder, name))].filter(isSweepFolder);
  return [folder, ...sweeps.map((sweep) => join(sweep, 'trials'))];
}

function rowOf(
  { path, status, error, startedAt, step, totalSteps, evaluation, best }: RunStanding,
  shown: readonly string[],
): string[] {
  const metrics = metricsOf(evaluation);
  return [
    relative('.', path) || '.',
    error === undefined ? status : `${status} ${error.code}`,
    startedAt.slice(0, 16).replace('T', ' '),
    // A run that is done did all steps that its data had, sometimes fewer than were expected.
    step === undefined ? '' : status === 'done' ? `${step}` : `${step}/${totalSteps}`,
    evaluation === undefined ? '' : `${evaluation.split} at ${evaluation.step}`,
    ...shown.map((name) => (name in metrics ? formatMetric(name, metrics[name]!) : '')),
    best === undefined
      ? ''
      : `${formatValue(best.value, best.isShare)} on ${best.split} at ${best.step}`,
  ];
}

function metricsOf(evaluation: RunStanding['evaluation']): Readonly<Record<string, number>> {
  return evaluation?.metrics ?? {};
}
