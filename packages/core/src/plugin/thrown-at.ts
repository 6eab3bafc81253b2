import { fileURLToPath } from 'node:url';

/**
 * The file and line where a plugin threw: the innermost frame of an error's stack that is neither Eddy's core
 * nor Node nor an installed library. jiti keeps the lines of TypeScript, and names the place of a syntax error in the message.
 */
export function thrownAt(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  for (const frame of (cause.stack ?? '').split('\n')) {
    const [, framed, at, parsed, parsedAt] =
      /(?:^\s*at |\()(?:async )?((?:file:\/\/)?\/[^()]*?):(\d+):\d+\)?$|^ (\/.+?):(\d+):\d+$/.exec(
        frame,
      ) ?? [];
    const written = framed ?? parsed;
    if (written === undefined) continue;
    const file = written.startsWith('file:') ? fileURLToPath(written) : written;
    if (!file.startsWith(CORE) && !/\/node_modules\/(?!@eddy\/)/.test(file))
      return `${file}:${at ?? parsedAt}`;
  }
  return undefined;
}

const CORE = fileURLToPath(new URL('../', import.meta.url));
