/**
 * Grids as text, a character a cell. Files are read as bytes, since a string for each grid takes longer
 * than the grid; every character that a grid may hold is one byte.
 */

const ABOVE_ASCII = 255;

/** Codes of characters, 255 for those that no grid has. */
export function bytesOf(text: string | Uint8Array): Uint8Array {
  if (typeof text !== 'string') return text;
  return Uint8Array.from({ length: text.length }, (_, i) => {
    const code = text.charCodeAt(i);
    return code < 128 ? code : ABOVE_ASCII;
  });
}

/** The text itself, to be quoted. */
export function charactersOf(text: string | Uint8Array): string {
  return typeof text === 'string' ? text : new TextDecoder().decode(text);
}
