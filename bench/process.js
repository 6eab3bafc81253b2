/** Runs commands and says what they took. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * What one process took, from its start to its end.
 *
 * @typedef {object} Usage
 * @property {number} ms
 * @property {number} peakBytes  largest resident memory of the process itself, 0 where /proc does not tell
 * @property {string} output  standard output
 */

const POLL_MS = 10;

/**
 * @param {readonly string[]} command
 * @param {{ cwd?: string, env?: Record<string, string> }} [options]
 * @returns {Promise<Usage>}
 */
export async function runMeasured(command, { cwd, env } = {}) {
  const [file = '', ...args] = command;
  const started = performance.now();
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let [output, errors, peakBytes] = ['', '', 0];
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  const watch = setInterval(() => (peakBytes = peakOf(child.pid) ?? peakBytes), POLL_MS);
  /** @type {number | null} */
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => clearInterval(watch));
  const ms = performance.now() - started;
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${errors || output}`);
  return { ms, peakBytes, output };
}

/** The kernel's own high-water mark, so that only the last moments can be missed. @param {number | undefined} pid */
function peakOf(pid) {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match === null ? undefined : Number(match[1]) * 1024;
  } catch {
    return undefined;
  }
}
