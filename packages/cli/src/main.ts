/** Parses the command line and turns whatever happens into an exit code. */
import { launchOf } from '@eddy/engines/hosts';
import { CommanderError } from 'commander';

import { EXIT } from './process/exit-codes.ts';
import { endSoon, guardStandardStreams, requireOutputWritten } from './process/standard-streams.ts';
import { createProgram } from './program.ts';
import { renderError } from './render/error.ts';

/** Runs a command as the program `pipeline`: its exit code becomes that of this process, which ends soon after. */
export async function runAsProgram(argv: readonly string[]): Promise<void> {
  const exitCode = await main(argv);
  process.exitCode = exitCode;
  endSoon(exitCode);
}

/** Runs a command in this process, and leaves it to the caller to end that. */
export async function main(argv: readonly string[]): Promise<number> {
  guardStandardStreams();
  try {
    const launch = launchOf(process.env);
    if (launch === null) return await command(argv);
    const { onHosts } = await import('./process/hosts.ts');
    return await onHosts(launch, report, () => command(argv));
  } catch (error) {
    return report(error);
  }
}

async function command(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = createProgram((code) => (exitCode = code));
  try {
    await program.parseAsync(argv, { from: 'user' });
    await requireOutputWritten();
    return exitCode;
  } catch (error) {
    // Commander has printed its own message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return report(error);
  }
}

function report(error: unknown): number {
  const { text, code } = renderError(error);
  process.stderr.write(`${text}\n`);
  return code;
}
