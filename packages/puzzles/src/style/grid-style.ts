/** How the tokens of a grid are drawn, as plain data: in terminals, reports and pages alike. */
import { ARC_FIRST_COLOUR_TOKEN, ARC_VOCAB_SIZE } from '../arc/sequence.ts';
import { MAZE_CHARACTERS } from '../maze/maze.ts';
import { sudokuRules, sudokuSizeOf } from '../sudoku/rules.ts';

/** Fills that each page has in its own colours, light and dark. */
export type Tone = 'wall' | 'path' | 'start' | 'goal';

/** How one token is drawn. */
export interface TokenStyle {
  /** The token in a word, for screen readers and legends: `wall`, `blue`, `7`. */
  readonly name: string;
  /** Text inside the cell; none by default. */
  readonly text?: string;
  /** Fill of the cell, a tone or a colour as `#rrggbb`; none by default. */
  readonly fill?: Tone | `#${string}`;
  /** True for a token that a puzzle gives away, so that an answer has to keep it. */
  readonly given?: boolean;
  /** True for a token that belongs to no grid, such as padding: it is not drawn. */
  readonly outside?: boolean;
  /** The key that enters the token into a puzzle; without one, nobody enters it. */
  readonly key?: string;
}

/** How a grid is drawn. */
export interface GridStyle {
  /** Index = token; a token beyond the end is drawn as its number. */
  readonly tokens: readonly TokenStyle[];
  /** Rows and columns between thick lines; no thick lines by default. */
  readonly box?: { readonly rows: number; readonly cols: number };
}

/** Returns the style of a built-in task; the tokens of any other task are drawn as numbers. */
export function gridStyle(task: string, rows: number, cols: number): GridStyle {
  if (task === 'sudoku') return sudokuStyle(rows, cols);
  if (task === 'maze') return MAZE;
  if (task === 'arc') return ARC;
  return NUMBERS;
}

/** Returns how a token is drawn. */
export function tokenStyle(style: GridStyle, token: number): TokenStyle {
  return style.tokens[token] ?? { name: String(token), text: String(token) };
}

const PADDING: TokenStyle = { name: 'padding', outside: true };

/** 0 padding, 1 blank, digit + 1. */
function sudokuStyle(rows: number, cols: number): GridStyle {
  const digits = Array.from({ length: cols }, (_, i): TokenStyle => {
    const digit = String(i + 1);
    return { name: digit, text: digit, given: true, key: digit };
  });
  const size = sudokuSizeOf(rows * cols);
  const rules = size === undefined ? undefined : sudokuRules(size);
  return {
    tokens: [PADDING, { name: 'blank', key: '.' }, ...digits],
    ...(rules && { box: { rows: rules.boxRows, cols: rules.boxCols } }),
  };
}

const MAZE_CELLS: Readonly<Record<string, TokenStyle>> = {
  '#': { name: 'wall', fill: 'wall', given: true, key: '#' },
  ' ': { name: 'free', key: '.' },
  S: { name: 'start', text: 'S', fill: 'start', given: true, key: 's' },
  G: { name: 'goal', text: 'G', fill: 'goal', given: true, key: 'g' },
  o: { name: 'path', fill: 'path' },
};

/** 0 padding, then the characters of a maze. */
const MAZE: GridStyle = {
  tokens: [PADDING, ...Array.from(MAZE_CHARACTERS, (character) => MAZE_CELLS[character]!)],
};

/** The colours in which ARC's own site draws its tasks, and their names. */
const ARC_COLOURS = [
  ['black', '#000000'],
  ['blue', '#0074d9'],
  ['red', '#ff4136'],
  ['green', '#2ecc40'],
  ['yellow', '#ffdc00'],
  ['grey', '#aaaaaa'],
  ['magenta', '#f012be'],
  ['orange', '#ff851b'],
  ['light blue', '#7fdbff'],
  ['maroon', '#870c25'],
] as const;

/** 0 padding, 1 end of the grid, colour + 2. */
const ARC: GridStyle = {
  tokens: Array.from({ length: ARC_VOCAB_SIZE }, (_, token): TokenStyle => {
    if (token === 0) return PADDING;
    if (token < ARC_FIRST_COLOUR_TOKEN) return { name: 'end of the grid', outside: true };
    const colour = token - ARC_FIRST_COLOUR_TOKEN;
    const [name, fill] = ARC_COLOURS[colour]!;
    return { name, fill, key: String(colour) };
  }),
};

const NUMBERS: GridStyle = { tokens: [] };
