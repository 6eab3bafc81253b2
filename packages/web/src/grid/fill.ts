import type { TokenStyle } from '@eddy/puzzles/style';

/** Returns the colour of a fill for CSS: a tone is a variable of the style sheet. */
export function fillOf(fill: NonNullable<TokenStyle['fill']>): string {
  return fill.startsWith('#') ? fill : `var(--eddy-${fill})`;
}
