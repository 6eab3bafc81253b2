/** Charts below each other as one SVG file of their own, for a readme or a slide. */
import { CHART_STYLES, COLOURS, DARK_COLOURS } from '../styles.ts';
import { html, Html } from '../html.ts';
import { CHART_SIZE, chartBody, type LineChart } from './line-chart.ts';

const HEAD = 26;
const LEGEND = 22;
const GAP = 24;

export function standaloneCharts(charts: readonly LineChart[]): string {
  const step = CHART_SIZE.width + GAP;
  const width = charts.length * step - GAP;
  const height = HEAD + CHART_SIZE.height + LEGEND;
  const styles = `:root{${COLOURS}}@media(prefers-color-scheme:dark){:root{${DARK_COLOURS}}}text{font:11px system-ui,sans-serif;fill:var(--dim)}.title{font-size:14px;fill:var(--ink)}${CHART_STYLES}`;
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
  >
    <style>
      ${new Html(styles)}
    </style>
    ${charts.map(
      (chart, i) =>
        html`<g transform="translate(${i * step} 0)">
          <text class="title" x="0" y="16">${chart.title}</text>
          <g transform="translate(0 ${HEAD})">${chartBody(chart)}</g>
          ${legend(chart)}
        </g>`,
    )}
  </svg> `.text;
}

function legend({ lines }: LineChart): Html[] {
  const named = lines.filter(({ isFaint }) => isFaint !== true);
  const y = HEAD + CHART_SIZE.height + 14;
  return named.map((line, i) => {
    const x = 42 + (i * (CHART_SIZE.width - 42)) / named.length;
    return html`<path class="line k${line.kind}" d="M${x} ${y - 4}h22" />
      <text x="${x + 28}" y="${y}">${line.name}</text>`;
  });
}
