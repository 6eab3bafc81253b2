/** A line chart as SVG: no script, coloured by the style sheet around it, told apart by more than colour. */
import { lttb } from '@eddy/core/report';

import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { linearTicks, powerTicks, tickText } from './ticks.ts';

/** More points than this cannot be told apart at the size of a chart. */
const MAX_POINTS = 240;
export const CHART_SIZE = { width: 380, height: 210 };
const PLOT = { left: 42, right: 10, top: 8, bottom: 32 };
/** Colours and dashes that the style sheet has. */
const KINDS = 6;

export interface ChartLine {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Drawn with a mark on each point, which says its value: for few points. */
  readonly hasMarks?: boolean;
  /** Drawn pale behind the others, without an entry in the legend. */
  readonly isFaint?: boolean;
  /** Number of its colour. */
  readonly kind: number;
}

export interface LineChart {
  readonly title: string;
  readonly explanation?: string;
  readonly lines: readonly ChartLine[];
  readonly xTitle: string;
  readonly xScale?: 'linear' | 'log';
  /** The vertical axis goes from 0 to 100 %. */
  readonly isShare?: boolean;
  /** A value as the chart says it. */
  readonly format: (value: number) => string;
}

/** The chart with its title, legend and a text for those who do not see it. */
export function chartFigure(chart: LineChart): Html {
  const named = chart.lines.filter(({ isFaint }) => isFaint !== true);
  return html`<figure class="chart">
    <figcaption>
      <b>${chart.title}</b
      >${chart.explanation === undefined ? null : html`<span>${chart.explanation}</span>`}
    </figcaption>
    <svg
      viewBox="0 0 ${CHART_SIZE.width} ${CHART_SIZE.height}"
      role="img"
      aria-label="${spokenChart(chart)}"
    >
      ${chartBody(chart)}
    </svg>
    <ul class="legend">
      ${named.map((line) => html`<li>${swatch(line)}${line.name}${nonFiniteNote(line)}</li>`)}
    </ul>
  </figure>`;
}

/** Axes and lines, without the `svg` around them. */
export function chartBody({ lines, xTitle, xScale = 'linear', isShare, format }: LineChart): Html {
  const xs = lines.flatMap(({ x }) => [x[0], x.at(-1)]).filter((x) => x !== undefined);
  const ys = lines.flatMap(({ y }) => rangeOf(y));
  const isLog = xScale === 'log';
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const xTicks = isLog ? powerTicks(low, high, 8) : linearTicks(low <= 1 ? 0 : low, high, 5);
  const yTicks =
    isShare === true ? [0, 0.25, 0.5, 0.75, 1] : linearTicks(Math.min(...ys), Math.max(...ys), 4);
  const { width, height } = CHART_SIZE;
  const [right, bottom] = [width - PLOT.right, height - PLOT.bottom];
  const along = isLog ? Math.log2 : (value: number) => value;
  // The axis ends with the data, not with the next round number.
  const [xLow, xHigh] = isLog
    ? [along(xTicks[0]!), along(xTicks.at(-1)!)]
    : [xTicks[0]!, Math.max(high, xTicks[0]! + 1e-9)];
  const [yLow, yHigh] = [yTicks[0]!, yTicks.at(-1)!];
  const toX = (x: number) => PLOT.left + ((along(x) - xLow) / (xHigh - xLow)) * (right - PLOT.left);
  const toY = (y: number) => bottom - ((y - yLow) / (yHigh - yLow)) * (bottom - PLOT.top);
  const shownX = xTicks.filter((tick) => toX(tick) <= right + 0.5);
  const yText = (tick: number) =>
    isShare === true ? `${Math.round(100 * tick)} %` : tickText(tick);
  const grid = yTicks.map((tick) => `M${PLOT.left} ${at(toY(tick))}H${right}`).join('');
  return html`<path class="grid" d="${grid}" />
    ${yTicks.map((tick) => html`<text class="tick end" x="${PLOT.left - 6}" y="${at(toY(tick) + 4)}">${yText(tick)}</text>`)}
    ${shownX.map((tick) => {
      // A number at the very edge would be cut.
      const end = toX(tick) > right - 14 ? ' end' : ' mid';
      return html`<text
        class="tick${end}"
        x="${at(Math.min(toX(tick), end === ' end' ? right + 6 : right))}"
        y="${bottom + 15}"
        >${tickText(tick)}</text
      >`;
    })}
    <text class="tick mid" x="${(PLOT.left + right) / 2}" y="${height - 4}">${xTitle}</text>
    ${lines.map((line) => drawnLine(line, toX, toY, { xTitle, format }))}`;
}

function drawnLine(
  { name, x, y, hasMarks, isFaint, kind }: ChartLine,
  toX: (x: number) => number,
  toY: (y: number) => number,
  { xTitle, format }: Pick<LineChart, 'xTitle' | 'format'>,
): Html {
  const kept = lttb(x, y, MAX_POINTS);
  const path = kept
    .map((i, n) => `${n === 0 ? 'M' : 'L'}${at(toX(x[i]!))} ${at(toY(y[i]!))}`)
    .join('');
  const shape = `line k${kind % KINDS}${isFaint === true ? ' faint' : ''}`;
  const marks = hasMarks === true ? kept : [];
  return html`<path class="${shape}" d="${path}" />${marks.map(
      (i) =>
        html`<circle
          class="mark k${kind % KINDS}"
          cx="${at(toX(x[i]!))}"
          cy="${at(toY(y[i]!))}"
          r="3"
        >
          <title>${name}, ${xTitle} ${tickText(x[i]!)}: ${format(y[i]!)}</title>
        </circle>`,
    )}`;
}

function swatch({ kind, hasMarks }: ChartLine): Html {
  return html`<svg width="26" height="10" viewBox="0 0 26 10" aria-hidden="true">
    <path class="line k${kind % KINDS}" d="M1 5H25" />
    ${
      hasMarks === true ? html`<circle class="mark k${kind % KINDS}" cx="13" cy="5" r="3" />` : null
    }
  </svg>`;
}

function nonFiniteNote({ x, y }: ChartLine): string {
  const first = y.findIndex((value) => !Number.isFinite(value));
  return first === -1 ? '' : ` (not finite from step ${x[first]!.toLocaleString('en-US')})`;
}

/** Where each line begins and ends. */
function spokenChart({ title, lines, xTitle, format }: LineChart): string {
  const texts = lines
    .filter(({ isFaint, x }) => isFaint !== true && x.length > 0)
    .map(({ name, x, y }) => {
      const point = (i: number) =>
        `${format(y.at(i)!)} at ${xTitle} ${x.at(i)!.toLocaleString('en-US')}`;
      return x.length === 1 ? `${name} ${point(0)}` : `${name} from ${point(0)} to ${point(-1)}`;
    });
  return `${title}: ${texts.join('; ')}`;
}

/** Lowest and highest finite value; a loop, because a run has too many for arguments of one call. */
function rangeOf(values: readonly number[]): number[] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}
