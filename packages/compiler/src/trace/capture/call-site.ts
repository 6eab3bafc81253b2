/** Where in the user's code TF.js was called, from a stack trace. */

const INTERNAL_FRAME =
  /node_modules[\\/]@tensorflow|[\\/](?:trace|graph)[\\/](?!.*test)|[\\/]tensor[\\/]ops\.|node:/;
const FRAME = /^\s*at (?:(.*?) \()?(.*?)\)?$/;

export interface CallSite {
  /** `file:line:column`, or `unknown`. */
  readonly at: string;
  /** The TF.js function that was called there, e.g. `arraySync`. */
  readonly called: string;
}

export function callSite(error: Error = new Error()): CallSite {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s*at /.test(line));
  const index = frames.findIndex((line) => !INTERNAL_FRAME.test(line));
  if (index < 0) return { at: 'unknown', called: 'unknown' };
  return {
    at: FRAME.exec(frames[index]!)?.[2] ?? 'unknown',
    called: functionName(frames[index - 1]),
  };
}

function functionName(frame: string | undefined): string {
  const name = frame === undefined ? undefined : FRAME.exec(frame)?.[1];
  return (name ?? 'unknown').replace(/^(async )?(Module\.|Object\.|\w+\.)?/, '').replace(/_+$/, '');
}
