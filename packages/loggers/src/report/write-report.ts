/** Writes the report of a run: `report.html`, `curves.svg` and a picture of each sweep of compute. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { replaceDurably } from '@eddy/core/files';
import { readTrace, type EvaluationTrace } from '@eddy/core/report';

import { standaloneCharts } from './chart/standalone.ts';
import { computeChart } from './compute-section.ts';
import { curvesOf } from './curves.ts';
import { renderPage } from './page.ts';
import type { ReportData } from './report-data.ts';
import type { Unfinished } from './summary-section.ts';

export interface ReportFile {
  readonly runFolder: string;
  /** How the run stands if its journal does not say how it ended. */
  readonly unfinished: Unfinished;
  /** In place of `report.html` in the run's folder; no pictures are written beside it. */
  readonly output?: string | undefined;
}

/** Each file is whole or as it was before. @returns the path of the page */
export async function writeReport(
  data: ReportData,
  { runFolder, unfinished, output }: ReportFile,
): Promise<string> {
  const page = renderPage({
    data,
    unfinished,
    folderName: basename(runFolder),
    trace: await newestTrace(data),
    configText: await readFile(join(runFolder, 'config.yml'), 'utf8').catch(() => null),
  });
  const path = output ?? join(runFolder, 'report.html');
  await replaceDurably(path, page);
  if (output === undefined) await writePictures(data, runFolder);
  return path;
}

async function writePictures(data: ReportData, runFolder: string): Promise<void> {
  const charts = curvesOf(data).flatMap((training) => training.charts);
  if (charts.length > 0) {
    await replaceDurably(join(runFolder, 'curves.svg'), standaloneCharts(charts));
  }
  for (const { stage, step, results } of data.compute.values()) {
    const svg = standaloneCharts([computeChart(results)]);
    await replaceDurably(join(runFolder, `${stage}-${step}.svg`), svg);
  }
}

/** Of the headline's checkpoint where it was traced, else the newest one. */
async function newestTrace(data: ReportData): Promise<EvaluationTrace | null> {
  const step = data.headline?.step;
  const evaluations = data.evaluations.toReversed();
  const chosen = evaluations.filter((evaluation) => evaluation.step === step);
  for (const { folder } of [...chosen, ...evaluations]) {
    const trace = await readTrace(folder);
    if (trace !== undefined) return trace;
  }
  return null;
}
