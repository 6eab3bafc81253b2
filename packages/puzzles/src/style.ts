/** How grids are drawn; apart from the rules, so that a page can load it without the rest. */
export { gridStyle, tokenStyle, type GridStyle, type TokenStyle } from './style/grid-style.ts';
export { around, boundsOf, gridFrom, type Area } from './style/drawn-area.ts';
