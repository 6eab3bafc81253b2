/** Keys in a grid: which cell has the focus next, and which token is typed. */
import { tokenStyle, type Area, type GridStyle } from '@eddy/puzzles/style';

/** Returns the cell that a key moves the focus to, or undefined for any other key. */
export function focusAfter(
  key: string,
  cell: number,
  { area, cols }: { readonly area: Area; readonly cols: number },
): number | undefined {
  const [row, col] = [Math.floor(cell / cols), cell % cols];
  const [bottom, right] = [area.row + area.rows - 1, area.col + area.cols - 1];
  const at = (nextRow: number, nextCol: number) =>
    Math.min(bottom, Math.max(area.row, nextRow)) * cols +
    Math.min(right, Math.max(area.col, nextCol));
  switch (key) {
    case 'ArrowUp':
      return at(row - 1, col);
    case 'ArrowDown':
      return at(row + 1, col);
    case 'ArrowLeft':
      return at(row, col - 1);
    case 'ArrowRight':
      return at(row, col + 1);
    case 'Home':
      return at(row, area.col);
    case 'End':
      return at(row, right);
    case 'PageUp':
      return at(area.row, col);
    case 'PageDown':
      return at(bottom, col);
    default:
      return undefined;
  }
}

/**
 * Returns the token that a key enters, or undefined for any other key. Backspace, Delete and 0 enter the
 * blank; a second digit makes a number of two digits where there is one: 1, then 2 is 12.
 */
export function typedToken(key: string, before: number, style: GridStyle): number | undefined {
  const tokenOf = (entered: string) => {
    const index = style.tokens.findIndex(({ key: own }) => own === entered);
    return index < 0 ? undefined : index;
  };
  const character = key === ' ' ? '.' : key.toLowerCase();
  if (/^\d$/.test(key)) {
    const longer = tokenOf(`${tokenStyle(style, before).key ?? ''}${key}`);
    return longer ?? tokenOf(key) ?? (key === '0' ? tokenOf('.') : undefined);
  }
  if (key === 'Backspace' || key === 'Delete') return tokenOf('.') ?? tokenOf('0');
  return [...character].length === 1 ? tokenOf(character) : undefined;
}
