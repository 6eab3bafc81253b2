/** Places in files of plugins. */
import { readFileSync } from 'node:fs';

/**
 * Returns `file:line:column` of the last place in a file that a pattern matches; the file alone where there is none.
 *
 * @param source  the text of the file; read where it is left out
 */
export function placeOfText(file: string, pattern: RegExp, source = textOf(file)): string {
  const found = [...source.matchAll(new RegExp(pattern.source, 'gm'))].at(-1);
  if (found === undefined) return file;
  const before = source.slice(0, found.index).split('\n');
  return `${file}:${before.length}:${before.at(-1)!.length + 1}`;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // a package may name a file that is not there
  }
}
