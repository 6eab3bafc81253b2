import { spawn } from 'node:child_process';

export interface ChildResult {
  readonly code: number | null;
  /** Both streams, as they came. */
  readonly output: string;
}

/** Runs a program to its end; null if there is none of this name. */
export function runChild(program: string, args: readonly string[]): Promise<ChildResult | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(null);
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
