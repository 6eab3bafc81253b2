/** How a chart is drawn: axes, colours and lines for uPlot. */
import type uPlot from 'uplot';

export interface ChartSeries {
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  /** Index of the palette. */
  readonly colour: number;
  /** `faint`: behind a smoothed line. `points`: few measurements, marked and joined. */
  readonly look?: 'line' | 'faint' | 'points' | 'dashed';
  /** If true, the values are an average of the series of the same label that is drawn faint behind it. */
  readonly isSmooth?: boolean;
}

/** Resolves a custom property of the theme for a canvas. */
function themeColour(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

export const PALETTE = 8;

export function seriesOptions({ label, colour, look = 'line' }: ChartSeries): uPlot.Series {
  const stroke = themeColour(`--series-${(colour % PALETTE) + 1}`);
  return {
    label,
    stroke: look === 'faint' ? stroke.replace('rgb(', 'rgba(').replace(')', ', 0.38)') : stroke,
    width: look === 'faint' ? 1 : 1.75,
    spanGaps: true,
    ...(look === 'dashed' ? { dash: [6, 4] } : {}),
    points: { show: look === 'points', size: 6, fill: stroke },
  };
}

export function axesOptions(format: (value: number) => string): uPlot.Axis[] {
  const ink = themeColour('--dim');
  const line = themeColour('--grid');
  const font = '11px system-ui, sans-serif';
  const grid = { stroke: line, width: 1 };
  const ticks = { show: false };
  return [
    {
      stroke: ink,
      font,
      grid: { show: false },
      ticks,
      size: 26,
      values: (_, all) => all.map(short),
    },
    {
      stroke: ink,
      font,
      grid,
      ticks,
      size: 52,
      values: (_, all) => all.map((v) => (v === null ? '' : tidy(format(v)))),
    },
  ];
}

/** `80.0 %` → `80 %`. */
function tidy(text: string): string {
  return text.replace(/\.0(?= %)/, '');
}

/** `65k`, `1.5M`: steps at the axis. */
function short(value: number | null): string {
  if (value === null) return '';
  if (Math.abs(value) >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (Math.abs(value) >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(5)));
}

/** Joins series with steps of their own into columns of common steps; null where a series has no value. */
export function alignedData(series: readonly ChartSeries[]): uPlot.AlignedData {
  const steps = [...new Set(series.flatMap(({ x }) => x as number[]))].sort((a, b) => a - b);
  const rows = new Map(steps.map((step, row) => [step, row]));
  const columns = series.map(({ x, y }) => {
    const column = new Array<number | null>(steps.length).fill(null);
    x.forEach((step, i) => (column[rows.get(step)!] = y[i] ?? null));
    return column;
  });
  return [steps, ...columns];
}
