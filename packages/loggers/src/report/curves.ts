/** The curves of a run as one SVG, drawn by Vega without a browser. */
import { COLOURS, drawSpec } from './draw.ts';
import { isUnseen, type ReportData, type StepPoint } from './report-data.ts';

/** Points of a curve; more are averaged, so that the file stays small. */
const MAX_POINTS = 400;

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
  return drawSpec({ hconcat: panels.map(panelSpec) });
}

function panelsOf(data: ReportData): Panel[] {
  const halted = data.steps.filter(({ metrics }) => metrics['count'] !== 0);
  const panel = (title: string, name: string, percent: boolean): Panel => ({
    title,
    percent,
    points: [
      // A step in which no row halted has a loss but no accuracy.
      ...averaged(percent ? halted : data.steps, name),
      ...data.evaluations
        .filter(isUnseen)
        .flatMap(({ step, metrics }) =>
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
