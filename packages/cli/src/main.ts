/** Parses the command line and turns whatever happens into an exit code. */
import { CommanderError } from 'commander';

import { EXIT } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { renderError } from './render/error.ts';

export async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = createProgram((code) => (exitCode = code));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed its own message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const { text, code } = renderError(error);
    process.stderr.write(`${text}\n`);
    return code;
  }
}
