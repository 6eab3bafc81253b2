/** Draws a Vega-Lite specification as an SVG, without a browser. */
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** Readable on white and on black. */
export const COLOURS = { axis: '#7a828c', grid: '#7a828c33', train: '#4c8dd6', test: '#e08a2e' };

const CONFIG = {
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: COLOURS.axis,
    titleColor: COLOURS.axis,
    tickColor: COLOURS.grid,
    domainColor: COLOURS.axis,
    gridColor: COLOURS.grid,
    titleFontWeight: 'normal' as const,
  },
  title: {
    color: COLOURS.axis,
    anchor: 'start' as const,
    fontWeight: 'normal' as const,
    fontSize: 13,
  },
  legend: {
    labelColor: COLOURS.axis,
    titleColor: COLOURS.axis,
    symbolType: 'stroke' as const,
    labelLimit: 320,
  },
  concat: { spacing: 36 },
};

export async function drawSpec(spec: TopLevelSpec): Promise<string> {
  const styled = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'transparent',
    config: CONFIG,
    ...spec,
  } as TopLevelSpec;
  const view = new View(parse(compile(styled).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}
