/** Writes `report.html` and `curves.svg` when a run ends, however it ends. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readTrace, type EvaluationTrace } from '@eddy/core/report';
import type { Logger } from '@eddy/core';

import { fileLogger } from '../projection/file-logger.ts';
import type { Html } from './html.ts';
import { renderPage } from './page.ts';
import { ReportData } from './report-data.ts';

export function createReportLogger(runFolder: string): Logger {
  return fileLogger(join(runFolder, 'journal.jsonl'), () => {
    const data = new ReportData();
    return { write: (event) => data.add(event), close: () => writeReport(runFolder, data) };
  });
}

async function writeReport(runFolder: string, data: ReportData): Promise<void> {
  // Vega takes a while to load: not before it is needed.
  const { drawCurves } = await import('./curves.ts');
  const curvesSvg = await drawCurves(data);
  if (curvesSvg !== null) await writeFile(join(runFolder, 'curves.svg'), curvesSvg);
  const { computeSection, drawCompute } = await import('./compute-section.ts');
  const computeSections: Html[] = [];
  for (const event of data.compute.values()) {
    const svg = await drawCompute(event.results);
    await writeFile(join(runFolder, `${event.stage}-${event.step}.svg`), svg);
    computeSections.push(computeSection(event, svg, computeSections.length + 1));
  }
  const configText = await readFile(join(runFolder, 'config.yml'), 'utf8').catch(() => null);
  const trace = await newestTrace(data);
  await writeFile(
    join(runFolder, 'report.html'),
    renderPage({ data, curvesSvg, computeSections, trace, configText }),
  );
}

async function newestTrace(data: ReportData): Promise<EvaluationTrace | null> {
  for (const { folder } of data.evaluations.toReversed()) {
    const trace = await readTrace(folder);
    if (trace !== undefined) return trace;
  }
  return null;
}
