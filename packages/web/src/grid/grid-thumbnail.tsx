/** A small picture of a grid, a few elements whatever its size: for lists, and for many steps side by side. */
import { boundsOf, tokenStyle, type Area, type GridStyle } from '@eddy/puzzles/style';

import { fillOf } from './fill.ts';

export interface GridThumbnailProps {
  readonly gridStyle: GridStyle;
  readonly rows: number;
  readonly cols: number;
  readonly cells: ArrayLike<number>;
  /** Tokens of the puzzle: what it gives away is set apart. */
  readonly puzzle?: ArrayLike<number> | undefined;
  readonly wrong?: ReadonlySet<number> | undefined;
  readonly changed?: ReadonlySet<number> | undefined;
  readonly area?: Area | undefined;
  /** Says what the picture shows; without it, screen readers pass over it. */
  readonly label?: string | undefined;
}

/** Draws a grid as one picture. */
export function GridThumbnail(props: GridThumbnailProps) {
  const { gridStyle, rows, cols, cells, puzzle, wrong, changed, label } = props;
  const area = props.area ?? boundsOf(gridStyle, cells, props) ?? { row: 0, col: 0, rows, cols };
  const fills = new Map<string, string>();
  const texts: { x: number; y: number; text: string; isGiven: boolean }[] = [];
  let marks = '';
  let corners = '';
  for (let y = 0; y < area.rows; y++) {
    for (let x = 0; x < area.cols; x++) {
      const cell = (area.row + y) * cols + area.col + x;
      const { fill, text, outside } = tokenStyle(gridStyle, cells[cell]!);
      const square = `M${x} ${y}h1v1h-1z`;
      const colour = outside === true ? 'var(--eddy-panel)' : fill && fillOf(fill);
      if (colour !== undefined) fills.set(colour, `${fills.get(colour) ?? ''}${square}`);
      const isGiven = puzzle !== undefined && tokenStyle(gridStyle, puzzle[cell]!).given === true;
      if (text !== undefined) texts.push({ x: x + 0.5, y: y + 0.54, text, isGiven });
      if (wrong?.has(cell) === true) marks += `${square}M${x} ${y + 1}l1 -1`;
      if (changed?.has(cell) === true) corners += `M${x + 1} ${y}v.34l-.34 -.34z`;
    }
  }
  const { box } = gridStyle;
  return (
    <svg
      class="eddy-thumbnail"
      viewBox={`-0.04 -0.04 ${area.cols + 0.08} ${area.rows + 0.08}`}
      {...(label === undefined
        ? { 'aria-hidden': true }
        : { role: 'img' as const, 'aria-label': label })}
    >
      {[...fills].map(([colour, path]) => (
        <path key={colour} d={path} style={{ fill: colour }} />
      ))}
      <path class="eddy-thin" d={lines(area, 1, 1)} />
      <path class="eddy-thick" d={lines(area, box?.rows ?? area.rows, box?.cols ?? area.cols)} />
      {texts.map(({ x, y, text, isGiven }) => (
        <text key={`${x} ${y}`} x={x} y={y} class={isGiven ? 'eddy-given' : ''}>
          {text}
        </text>
      ))}
      {corners !== '' && <path class="eddy-corners" d={corners} />}
      {marks !== '' && <path class="eddy-marks" d={marks} />}
    </svg>
  );
}

function lines({ rows, cols }: Area, stepRows: number, stepCols: number): string {
  let path = '';
  for (let x = 0; x <= cols; x += stepCols) path += `M${x} 0V${rows}`;
  for (let y = 0; y <= rows; y += stepRows) path += `M0 ${y}H${cols}`;
  return path;
}
