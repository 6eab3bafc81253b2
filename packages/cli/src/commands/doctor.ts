import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';

import { probeEngines } from '@eddy/installer';

import { EXIT } from '../process/exit-codes.ts';
import { loadSettings } from '../project/load.ts';

const GIB = 1024 ** 3;
/** Below this, data and checkpoints of a full recipe may not fit. */
const MIN_FREE_DISK = 2 * GIB;

interface Check {
  readonly ok: boolean;
  /** Nothing runs without it. */
  readonly isVital?: true;
  readonly what: string;
  readonly found: string;
  /** The one command or change that mends it. */
  readonly fix?: string | undefined;
}

/** Exit code 1 when nothing can run: Node is too old, or the cache cannot be written. */
export async function doctorCommand(): Promise<number> {
  const settings = await loadSettings();
  const engines = await probeEngines(settings);
  const checks: Check[] = [
    nodeCheck(),
    { ok: true, what: 'cores', found: String(availableParallelism()) },
    memoryCheck(),
    await cacheCheck(settings.cacheFolder),
    {
      ok: true,
      what: 'settings',
      found: `${settings.file ?? 'none'}${settings.offline ? ', offline' : ''}`,
    },
    ...engines.map(({ name, available, description, gap, fix }) => ({
      ok: available,
      what: `engine ${name}`,
      found: available ? description : (gap ?? description),
      fix,
    })),
  ];
  for (const { ok, what, found, fix } of checks) {
    process.stdout.write(`${ok ? 'ok  ' : 'gap '}  ${what.padEnd(17)}  ${found}\n`);
    if (!ok && fix !== undefined) process.stdout.write(`      ${' '.repeat(16)}  fix: ${fix}\n`);
  }
  return exitCodeOf(checks);
}

export function exitCodeOf(checks: readonly Check[]): number {
  return checks.some(({ ok, isVital }) => !ok && isVital === true) ? EXIT.failed : EXIT.done;
}

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    ok,
    isVital: true,
    what: 'node',
    found: process.versions.node,
    fix: 'install Node 20.19 or newer',
  };
}

function memoryCheck(): Check {
  const found = `${(freemem() / GIB).toFixed(1)} of ${(totalmem() / GIB).toFixed(1)} GiB free`;
  return { ok: true, what: 'memory', found };
}

export async function cacheCheck(
  folder: string,
  { minFreeBytes = MIN_FREE_DISK } = {},
): Promise<Check> {
  const what = 'cache';
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const found = `${folder}, ${(free / GIB).toFixed(1)} GiB free`;
    return { ok: free >= minFreeBytes, what, found, fix: 'free disk space, or set EDDY_CACHE' };
  } catch (error) {
    const found = `${folder}: ${error instanceof Error ? error.message : String(error)}`;
    return {
      ok: false,
      isVital: true,
      what,
      found,
      fix: 'set EDDY_CACHE to a writable folder',
    };
  }
}
