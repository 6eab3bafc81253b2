import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The file, line and column where a plugin threw: the innermost frame of an error's stack that is neither Eddy's core
 * nor Node nor an installed library. jiti keeps the lines of TypeScript, and names the place of a syntax error in the message.
 *
 * The columns of a stack are those of compiled code: the name that the error tells of is looked for in the line.
 */
export function thrownAt(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  for (const frame of (cause.stack ?? '').split('\n')) {
    const [, framed, at, parsed, parsedAt, parsedColumn] =
      /(?:^\s*at |\()(?:async )?((?:file:\/\/)?\/[^()]*?):(\d+):\d+\)?$|^ (\/.+?):(\d+):(\d+)$/.exec(
        frame,
      ) ?? [];
    const written = framed ?? parsed;
    if (written === undefined) continue;
    const file = written.startsWith('file:') ? fileURLToPath(written) : written;
    if (!file.startsWith(CORE) && !/\/node_modules\/(?!@eddy\/)/.test(file)) {
      if (parsedColumn !== undefined) return `${file}:${parsedAt}:${Number(parsedColumn) + 1}`;
      const column = columnOf(file, Number(at), cause.message);
      return `${file}:${at}${column === undefined ? '' : `:${column}`}`;
    }
  }
  return undefined;
}

/** From 1: the name in the message where the line has it, else the beginning of its code. */
function columnOf(file: string, line: number, message: string): number | undefined {
  let text: string | undefined;
  try {
    text = readFileSync(file, 'utf8').split('\n')[line - 1];
  } catch {
    return undefined;
  }
  if (text === undefined) return undefined;
  const [name] =
    /(?<=reading '|setting '|^)[\w$.]+(?=' ?\)| is not| has already)/.exec(message) ?? [];
  const found =
    name === undefined ? -1 : text.search(new RegExp(`\\b${name.replace(/\W/g, '\\$&')}\\b`));
  return (found === -1 ? text.search(/\S|$/) : found) + 1;
}

const CORE = fileURLToPath(new URL('../', import.meta.url));
