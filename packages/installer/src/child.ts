import { spawn } from 'node:child_process';

export interface ChildResult {
  readonly code: number | null;
  /** Both streams, as they came. */
  readonly output: string;
}

/**
 * Runs a program to its end; null if there is none of this name.
 *
 * @throws the signal's reason, with the program ended
 */
export function runChild(
  program: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<ChildResult | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: a terminal that hangs up is for us to answer, and ours to end it with.
      detached: true,
      ...(signal && { signal }),
    });
    const endIt = () => child.kill('SIGKILL');
    process.once('exit', endIt);
    child.once('exit', () => process.off('exit', endIt));
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error: NodeJS.ErrnoException) => {
      // What it has started itself may hold on to its streams.
      child.stdout.destroy();
      child.stderr.destroy();
      if (signal?.aborted === true) reject(signal.reason as Error);
      else if (error.code === 'ENOENT') resolve(null);
      else reject(error);
    });
    child.on('close', (code) => {
      resolve({ code, output });
    });
  });
}

/** The last lines that a program wrote, for a message. */
export function lastLines(output: string): string {
  return output.trim().split('\n').slice(-5).join('\n            ');
}
