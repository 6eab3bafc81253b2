/** How a dataset wants its tokens drawn, as plain data that traces and pages carry along. */

/** How one token is drawn. */
export interface TokenStyle {
  /** The token in a word, for screen readers and legends: `wall`, `blue`, `7`. */
  readonly name: string;
  /** Text inside the cell; none by default. */
  readonly text?: string;
  /** Fill of the cell, a tone that each page has in its own colours or `#rrggbb`; none by default. */
  readonly fill?: 'wall' | 'path' | 'start' | 'goal' | `#${string}`;
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
