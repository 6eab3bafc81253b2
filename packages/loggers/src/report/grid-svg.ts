/** A grid of cells as a small SVG: runs of equal cells are one rectangle, the signs of a row one text. */
import { html, type Html } from './html.ts';
import { tokenStyle, type GridStyle } from '@eddy/puzzles/style';

export interface Grid {
  readonly rows: number;
  readonly cols: number;
  readonly cells: readonly number[];
  /** Cells that the puzzle gives away are set apart. */
  readonly input: readonly number[];
  /** Where this differs from the grid before. */
  readonly previous?: readonly number[] | undefined;
  /** The right answer. */
  readonly label?: readonly number[] | undefined;
  /** Label tokens equal to this are not scored. */
  readonly notScored?: number | null;
}

/** @param text  what the picture shows, for those who do not see it */
export function gridSvg(grid: Grid, style: GridStyle, text: string): Html {
  const { rows, cols } = grid;
  const side = cols > 12 ? 8 : 22;
  const [width, height] = [cols * side, rows * side];
  return html`<svg
    role="img"
    aria-label="${text}"
    viewBox="-1 -1 ${width + 2} ${height + 2}"
    width="${width + 2}"
    height="${height + 2}"
  >
    ${fills(grid, style, side)}${lines(width, height, side, style)}${marks(grid, side)}${signs(grid, style, side)}
  </svg>`;
}

/** A legend's cell, marked as in the grids. */
export function keySvg(kind: 'changed' | 'wrong'): Html {
  const mark =
    kind === 'wrong'
      ? html`<path class="cross" d="${crossAt(1, 1, 14)}" />`
      : html`<rect class="ring" x="2.5" y="2.5" width="11" height="11" />`;
  return html`<svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
    <rect class="${kind}" x="1" y="1" width="14" height="14" />
    ${mark}
  </svg>`;
}

function isWrong({ cells, label, notScored }: Grid, cell: number): boolean {
  return label !== undefined && label[cell] !== notScored && cells[cell] !== label[cell];
}

/** Of a cell: a class of the style sheet, or a colour of its own; empty for none. */
function fillOf(style: GridStyle, token: number): string {
  const { fill, outside } = tokenStyle(style, token);
  return outside === true ? 'outside' : (fill ?? '');
}

function isChanged({ cells, previous }: Grid, cell: number): boolean {
  return previous !== undefined && previous[cell] !== cells[cell];
}

function fills(grid: Grid, style: GridStyle, side: number): Html[] {
  const paths = new Map<string, string>();
  eachRun(
    grid,
    (cell) => {
      if (isWrong(grid, cell) && fillOf(style, grid.cells[cell]!) === '') return 'wrong';
      if (isChanged(grid, cell) && fillOf(style, grid.cells[cell]!) === '') return 'changed';
      return fillOf(style, grid.cells[cell]!);
    },
    (kind, row, col, length) => {
      const path = paths.get(kind) ?? '';
      paths.set(
        kind,
        `${path}M${col * side} ${row * side}h${length * side}v${side}h${-length * side}z`,
      );
    },
  );
  return [...paths].map(([kind, d]) =>
    kind.startsWith('#')
      ? html`<path fill="${kind}" d="${d}" />`
      : html`<path class="${kind}" d="${d}" />`,
  );
}

/** Wrong cells are crossed out, changed ones have a dashed frame: both can be seen without colours. */
function marks(grid: Grid, side: number): Html {
  let [crosses, rings] = ['', ''];
  const gap = side > 12 ? 2.5 : 1;
  for (let cell = 0; cell < grid.cells.length; cell++) {
    const [x, y] = [(cell % grid.cols) * side, Math.floor(cell / grid.cols) * side];
    if (isWrong(grid, cell)) crosses += crossAt(x, y, side);
    if (isChanged(grid, cell)) {
      const inner = side - 2 * gap;
      rings += `M${x + gap} ${y + gap}h${inner}v${inner}h${-inner}z`;
    }
  }
  return html`${rings === '' ? null : html`<path class="ring" d="${rings}" />`}${crosses === '' ? null : html`<path class="cross" d="${crosses}" />`}`;
}

/** Small enough in large cells to leave the sign readable. */
function crossAt(x: number, y: number, side: number): string {
  const size = side > 12 ? 6 : side - 2;
  const [left, top] = side > 12 ? [x + side - size - 1.5, y + 1.5] : [x + 1, y + 1];
  return `M${left} ${top}l${size} ${size}m0 ${-size}l${-size} ${size}`;
}

function signs({ rows, cols, cells, input }: Grid, style: GridStyle, side: number): Html[] {
  const texts: Html[] = [];
  for (let row = 0; row < rows; row++) {
    for (const kind of ['given', 'found']) {
      const places: number[] = [];
      let text = '';
      for (let col = 0; col < cols; col++) {
        const cell = row * cols + col;
        const { text: sign = '' } = tokenStyle(style, cells[cell]!);
        if (
          sign === '' ||
          (tokenStyle(style, input[cell]!).given === true ? 'given' : 'found') !== kind
        )
          continue;
        // Signs of several characters are texts of their own: `x` places single characters.
        if (sign.length > 1) {
          texts.push(
            html`<text class="${kind}" x="${(col + 0.5) * side}" y="${(row + 0.5) * side}"
              >${sign}</text
            >`,
          );
          continue;
        }
        places.push((col + 0.5) * side);
        text += sign;
      }
      if (text === '') continue;
      texts.push(
        html`<text class="${kind}" x="${places.join(' ')}" y="${(row + 0.5) * side}"
          >${text}</text
        >`,
      );
    }
  }
  return texts;
}

function lines(width: number, height: number, side: number, style: GridStyle): Html {
  const draw = (stepX: number, stepY: number): string => {
    let path = '';
    for (let x = 0; x <= width; x += stepX) path += `M${x} 0V${height}`;
    for (let y = 0; y <= height; y += stepY) path += `M0 ${y}H${width}`;
    return path;
  };
  const thick =
    style.box === undefined
      ? draw(width, height)
      : draw(style.box.cols * side, style.box.rows * side);
  return html`<path class="thin" d="${draw(side, side)}" /><path class="thick" d="${thick}" />`;
}

function eachRun(
  { rows, cols }: Grid,
  kindOf: (cell: number) => string,
  found: (kind: string, row: number, col: number, length: number) => void,
): void {
  for (let row = 0; row < rows; row++) {
    let start = 0;
    for (let col = 1; col <= cols; col++) {
      const kind = kindOf(row * cols + start);
      if (col < cols && kindOf(row * cols + col) === kind) continue;
      if (kind !== '') found(kind, row, start, col - start);
      start = col;
    }
  }
}
