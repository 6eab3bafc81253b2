/** The files of a lock where the kernel has none: `<path>.1`, `<path>.2` …; see `lockByFile`. */
import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** The highest number there is a file of; 0 without one. */
export function lastNumber(path: string): number {
  const prefix = `${basename(path)}.`;
  const numbers = readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter((rest) => /^[1-9]\d*$/.test(rest))
    .map(Number);
  return Math.max(0, ...numbers);
}

export function numbered(path: string, number: number): string {
  return `${path}.${number}`;
}
