import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';

import { theme } from '../theme.ts';
import {
  alignedData,
  axesOptions,
  PALETTE,
  seriesOptions,
  type ChartSeries,
} from './chart-options.ts';

export type { ChartSeries } from './chart-options.ts';

export interface ChartProps {
  readonly title: string;
  /** What is drawn, in a sentence: shown as a hint and read by screen readers. */
  readonly explanation?: string | undefined;
  readonly series: readonly ChartSeries[];
  readonly format?: (value: number) => string;
  readonly log?: boolean;
  /** If true, values are from 0 to 1 and the axis ends there. */
  readonly isShare?: boolean;
  /** The part of the steps that is shown; undefined for all. */
  readonly zoom?: readonly [number, number] | undefined;
  /** The steps that all charts of a page span; those of the series by default. */
  readonly extent?: readonly [number, number] | undefined;
  /** Told of a drag over the chart, and undefined for the whole range. */
  readonly onZoom?: ((range: readonly [number, number] | undefined) => void) | undefined;
  /** Charts of one group share the cursor. */
  readonly group?: string;
  readonly xName?: string;
}

const HEIGHT = 200;
const SHARES: uPlot.Range.Config = { min: { pad: 0.1, hard: 0 }, max: { pad: 0.1, hard: 1 } };
/** A constant share, zero above all, is drawn on the whole scale: uPlot would make 10,000 % of it. */
const shareRange: uPlot.Range.Function = (_, min, max) =>
  min === max ? [0, 1] : uPlot.rangeNum(min, max, SHARES);

/**
 * Curves over steps. Dragging zooms, a double click shows all; with the keyboard arrow keys move the cursor,
 * + and − zoom, Escape shows all.
 */
export function Chart(props: ChartProps) {
  const { title, explanation, series, format = String, log = false, zoom, onZoom, group } = props;
  const xName = props.xName ?? 'step';
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [cursor, setCursor] = useState<number | null>(null);
  const [spoken, setSpoken] = useState('');
  const headingId = useId();
  const data = useMemo(() => alignedData(series), [series]);
  const shown = zoom ?? props.extent;
  const latest = useRef({ onZoom, format, shown });
  latest.current = { onZoom, format, shown };
  const shape = series.map(({ label, colour, look }) => `${label}|${colour}|${look}`).join();

  useEffect(() => {
    const element = place.current!;
    const chart = new uPlot(
      {
        width: Math.max(element.clientWidth, 120),
        height: HEIGHT,
        padding: [8, 10, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          drag: { x: true, y: false, setScale: false },
          points: { size: 7 },
          ...(group === undefined ? {} : { sync: { key: group, setSeries: false } }),
        },
        scales: {
          x: { time: false, range: (_, min, max) => rangeOf(latest.current.shown, min, max) },
          y: log ? { distr: 3 } : props.isShare === true ? { range: shareRange } : {},
        },
        axes: axesOptions((value) => latest.current.format(value)),
        series: [{}, ...series.map(seriesOptions)],
        hooks: {
          setCursor: [(u) => setCursor(u.cursor.idx ?? null)],
          setSelect: [
            (u) => {
              const { left, width } = u.select;
              if (width < 4) return;
              const range = [u.posToVal(left, 'x'), u.posToVal(left + width, 'x')] as const;
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              latest.current.onZoom?.(range);
            },
          ],
        },
      },
      data,
      element,
    );
    plot.current = chart;
    chart.over.addEventListener('dblclick', () => latest.current.onZoom?.(undefined));
    const observer = new ResizeObserver(() =>
      chart.setSize({ width: Math.max(element.clientWidth, 120), height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [shape, log, group, theme.value]);

  useEffect(() => plot.current?.setData(data), [data, shown?.[0], shown?.[1]]);

  const row = cursor !== null && cursor < data[0].length ? cursor : undefined;
  const legend = series.map((one, i) => ({ ...one, value: valueAt(data, i + 1, row) }));
  const step = row === undefined ? data[0].at(-1) : data[0][row];

  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      PageUp: -10,
      PageDown: 10,
    };
    const move = moves[event.key];
    const last = data[0].length - 1;
    if (move !== undefined && last >= 0) {
      event.preventDefault();
      const next = Math.min(last, Math.max(0, (row ?? (move > 0 ? -1 : last + 1)) + move));
      moveCursor(plot.current, next);
      setCursor(next);
      const values = series.map(
        (one, i) => `${one.label} ${textOf(valueAt(data, i + 1, next), format)}`,
      );
      setSpoken(`${xName} ${data[0][next]}: ${values.join(', ')}`);
    } else if (event.key === '+' || event.key === '-') {
      onZoom?.(zoomed(data, row, shown, event.key === '+' ? 0.5 : 2));
    } else if (event.key === 'Escape') onZoom?.(undefined);
  };

  return (
    <figure class="chart" aria-labelledby={headingId}>
      <figcaption class="chart-head">
        <h3 id={headingId} title={explanation}>
          {title}
        </h3>
        <span class="chart-step">
          {step === undefined ? '' : `${xName} ${Math.round(step).toLocaleString('en-US')}`}
        </span>
      </figcaption>
      <ul class="chart-legend">
        {legend
          .filter(({ look }) => look !== 'faint')
          .map(({ label, colour, value, look, isSmooth }) => (
            <li key={label}>
              <i class={`swatch swatch-${(colour % PALETTE) + 1} swatch-${look ?? 'line'}`} />
              {label} <b>{textOf(isSmooth === true ? measured(legend, label) : value, format)}</b>
              {isSmooth === true && ` smoothed ${textOf(value, format)}`}
            </li>
          ))}
      </ul>
      <div
        class="chart-plot"
        ref={place}
        tabIndex={0}
        role="application"
        aria-roledescription="chart"
        aria-label={`${title}. ${explanation ?? ''} Arrow keys read values, plus and minus zoom, Escape shows all.`}
        onKeyDown={onKeyDown}
      />
      <span class="visually-hidden" aria-live="polite">
        {spoken}
      </span>
    </figure>
  );
}

function rangeOf(
  shown: readonly [number, number] | undefined,
  min: number | null,
  max: number | null,
): [number, number] {
  if (shown !== undefined && shown[0] < shown[1]) return [shown[0], shown[1]];
  const [low, high] = [min ?? 0, max ?? 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** The value at a row, or the last one before it; the last of all without a row. */
function valueAt(data: uPlot.AlignedData, column: number, row: number | undefined) {
  const values = data[column]!;
  for (let i = row ?? values.length - 1; i >= 0; i--) {
    const value = values[i];
    if (value !== null && value !== undefined) return value;
  }
  return undefined;
}

function textOf(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? '–' : format(value);
}

/** The value behind a smoothed one. */
function measured(
  legend: readonly (ChartSeries & { readonly value: number | undefined })[],
  label: string,
): number | undefined {
  return legend.find((one) => one.label === label && one.look === 'faint')?.value;
}

function moveCursor(plot: uPlot | undefined, row: number): void {
  const x = plot?.data[0][row];
  if (plot === undefined || x === undefined) return;
  plot.setCursor({ left: plot.valToPos(x, 'x'), top: 10 });
}

function zoomed(
  data: uPlot.AlignedData,
  row: number | undefined,
  zoom: readonly [number, number] | undefined,
  factor: number,
): readonly [number, number] | undefined {
  const steps = data[0];
  const whole = [steps[0] ?? 0, steps.at(-1) ?? 1] as const;
  const [from, to] = zoom ?? whole;
  const middle = row === undefined ? (from + to) / 2 : steps[row]!;
  const half = ((to - from) * factor) / 2;
  const [low, high] = [Math.max(whole[0], middle - half), Math.min(whole[1], middle + half)];
  return low <= whole[0] && high >= whole[1] ? undefined : [low, high];
}
