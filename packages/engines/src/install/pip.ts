import { spawn } from 'node:child_process';

import { engineDownloadFailed, pipMissing } from './errors.ts';

const LAUNCHERS = [['python3', '-m', 'pip'], ['pip3'], ['pip']] as const;

/**
 * `pip download` of one pinned package, without its dependencies, into a folder.
 *
 * @throws PIP_MISSING, ENGINE_DOWNLOAD_FAILED with pip's last lines.
 */
export async function pipDownload(
  engine: string,
  requirement: string,
  folder: string,
): Promise<void> {
  const options = ['download', '--no-deps', '--only-binary=:all:', '--progress-bar=off'];
  for (const [program, ...rest] of LAUNCHERS) {
    const args = [...rest, ...options, '--dest', folder, requirement];
    const result = await run(program, args);
    if (result === null) continue;
    // A python3 without pip is no answer either.
    if (/No module named '?pip/.test(result.output)) continue;
    if (result.code === 0) return;
    throw engineDownloadFailed({
      engine,
      command: [program, ...args].join(' '),
      output: result.output.trim().split('\n').slice(-5).join('\n            '),
    });
  }
  throw pipMissing(engine);
}

/** Whether anything that `pipDownload` would try exists. */
export async function hasPip(): Promise<boolean> {
  for (const [program, ...rest] of LAUNCHERS) {
    const result = await run(program, [...rest, '--version']);
    if (result?.code === 0) return true;
  }
  return false;
}

/** Null if there is no such program. */
function run(
  program: string,
  args: readonly string[],
): Promise<{ code: number | null; output: string } | null> {
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
