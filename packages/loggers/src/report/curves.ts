/** The curves of a run as one SVG, drawn by Vega without a browser. */
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

import type { ReportData, StepPoint } from './report-data.ts';

/** Points of a curve; more are averaged, so that the file stays small. */
const MAX_POINTS = 400;
/** Readable on white and on black. */
const COLOURS = { axis: '#7a828c', grid: '#7a828c33', train: '#4c8dd6', test: '#e08a2e' };

interface Point {
  readonly step: number;
  readonly value: number;
  readonly series: 'train' | 'test';
}

interface Panel {
  readonly title: string;
  readonly points: readonly Point[];
  readonly percent: boolean;
}

/** null when nothing was trained or evaluated. */
export async function drawCurves(data: ReportData): Promise<string | null> {
  const panels = panelsOf(data).filter(({ points }) => points.length > 0);
  if (panels.length === 0) return null;
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'transparent',
    config: {
      font: 'system-ui, sans-serif',
      view: { stroke: null },
      axis: {
        labelColor: COLOURS.axis,
        titleColor: COLOURS.axis,
        tickColor: COLOURS.grid,
        domainColor: COLOURS.axis,
        gridColor: COLOURS.grid,
        titleFontWeight: 'normal',
      },
      title: { color: COLOURS.axis, anchor: 'start', fontWeight: 'normal', fontSize: 13 },
      legend: { labelColor: COLOURS.axis, titleColor: COLOURS.axis, symbolType: 'stroke' },
      concat: { spacing: 36 },
    },
    hconcat: panels.map(panelSpec),
  };
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

function panelsOf(data: ReportData): Panel[] {
  const halted = data.steps.filter(({ metrics }) => metrics['count'] !== 0);
  const panel = (title: string, name: string, percent: boolean): Panel => ({
    title,
    percent,
    points: [
      // A step in which no row halted has a loss but no accuracy.
      ...averaged(percent ? halted : data.steps, name),
      ...data.evaluations.flatMap(({ step, metrics }) =>
        Number.isFinite(metrics[name])
          ? [{ step, value: metrics[name]!, series: 'test' as const }]
          : [],
      ),
    ],
  });
  return [
    panel('Loss', 'lm_loss', false),
    panel('Puzzles solved exactly', 'exact_accuracy', true),
    panel('Cells right', 'accuracy', true),
  ];
}

/** Means of equal runs of steps. */
function averaged(steps: readonly StepPoint[], name: string): Point[] {
  const values = steps.filter(({ metrics }) => Number.isFinite(metrics[name]));
  const share = Math.max(1, Math.ceil(values.length / MAX_POINTS));
  const points: Point[] = [];
  for (let start = 0; start < values.length; start += share) {
    const part = values.slice(start, start + share);
    const mean = part.reduce((sum, { metrics }) => sum + metrics[name]!, 0) / part.length;
    points.push({ step: part.at(-1)!.step, value: mean, series: 'train' });
  }
  return points;
}

function panelSpec({ title, points, percent }: Panel) {
  const y = {
    field: 'value',
    type: 'quantitative' as const,
    title: null,
    ...(percent ? { axis: { format: '.0%' }, scale: { domain: [0, 1] } } : {}),
  };
  const only = (series: Point['series']) => [{ filter: { field: 'series', equal: series } }];
  return {
    title,
    width: 260,
    height: 180,
    data: { values: points as Point[] },
    encoding: {
      x: { field: 'step', type: 'quantitative' as const, axis: { format: '~s', tickCount: 5 } },
      y,
      color: {
        field: 'series',
        type: 'nominal' as const,
        title: null,
        scale: { domain: ['train', 'test'], range: [COLOURS.train, COLOURS.test] },
        legend: { orient: 'bottom' as const },
      },
    },
    layer: [
      {
        mark: { type: 'line' as const, strokeWidth: 1.5, clip: true },
        transform: only('train'),
      },
      {
        mark: { type: 'line' as const, strokeWidth: 2, point: { filled: true, size: 28 } },
        transform: only('test'),
      },
    ],
  };
}
