/** Colours and symbols of the terminal, or none of them. */
import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

export interface Style {
  (format: Format, text: string): string;
}

export const plainStyle: Style = (_format, text) => text;
const colourStyle: Style = (format, text) => styleText(format, text, { validateStream: false });

/** NO_COLOR and FORCE_COLOR decide, then whether the stream is a terminal that has colours. */
export function styleFor(stream: NodeJS.WritableStream, env: NodeJS.ProcessEnv): Style {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return plainStyle;
  if (env['FORCE_COLOR'] !== undefined)
    return env['FORCE_COLOR'] === '0' ? plainStyle : colourStyle;
  const terminal = stream as Partial<NodeJS.WriteStream>;
  return terminal.isTTY === true && terminal.hasColors?.(env as object) === true
    ? colourStyle
    : plainStyle;
}
