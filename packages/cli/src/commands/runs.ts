import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { formatMetric, formatValue, toJson, isSweepFolder } from '@eddy/core/report';
import { listRuns, type RunStanding } from '@eddy/core/run';

import { renderTable } from '../render/table.ts';
import { folderMissing } from './errors.ts';

/** Metrics to show of the last evaluation, where it has them. */
const SHOWN = ['exact_accuracy', 'accuracy'];

/**
 * Lists runs, and says which sweeps they belong to.
 *
 * @throws FOLDER_MISSING
 */
export async function runsCommand(
  folder: string,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const kind = statSync(folder, { throwIfNoEntry: false });
  if (kind?.isDirectory() === false) throw folderMissing(folder, 'a file');
  if (kind === undefined && folder !== DEFAULT_FOLDER) throw folderMissing(folder, 'nothing');
  const sweeps = sweepsIn(folder);
  const places = [folder, ...sweeps.map((sweep) => join(sweep, 'trials'))];
  const warn = (text: string) => void process.stderr.write(`warning: ${text}\n`);
  const runs = (await Promise.all(places.map((place) => listRuns(place, warn)))).flat();
  if (json === true) {
    process.stdout.write(`${toJson(runs)}\n`);
    return;
  }
  if (runs.length === 0) {
    const hint = sweeps.length === 0 ? whatElse(folder) : '';
    process.stdout.write(`no runs in ${folder}\n${hint}`);
  } else process.stdout.write(tableOf(runs));
  for (const sweep of sweeps) {
    const path = relative('.', sweep) || '.';
    const table = join(path, 'table.md');
    const results = existsSync(table) ? `its results are in ${table}` : 'it has no results yet';
    process.stdout.write(`sweep ${path}: ${results}\n`);
  }
}

const DEFAULT_FOLDER = 'runs';

function tableOf(runs: readonly RunStanding[]): string {
  const shown = SHOWN.filter((name) =>
    runs.some(({ evaluation }) => name in metricsOf(evaluation)),
  );
  const header = ['RUN', 'STATUS', 'STARTED', 'STEP', 'EVALUATED', ...shown, 'BEST'];
  return renderTable(
    header,
    runs.map((run) => rowOf(run, shown)),
  );
}

/** The sweep that a folder is, and those in it. */
function sweepsIn(folder: string): string[] {
  return [folder, ...foldersIn(folder)].filter(isSweepFolder);
}

function foldersIn(folder: string): string[] {
  const isThere = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  const entries = isThere ? readdirSync(folder, { withFileTypes: true }) : [];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}

/** Returns a hint at the folder that has runs, for a folder that has none. */
function whatElse(folder: string): string {
  const isOne = (path: string) => existsSync(join(path, 'manifest.json')) || isSweepFolder(path);
  const below = foldersIn(folder).filter((inner) => foldersIn(inner).some(isOne));
  if (below.length > 0) return below.map((path) => `  pipeline runs ${path}\n`).join('');
  const around = dirname(resolve(folder));
  if (isOne(around)) return `  it is inside a run: pipeline runs ${relative('.', around) || '.'}\n`;
  return '  `pipeline run FILE` makes one, in runs/ of the folder where it is called\n';
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
