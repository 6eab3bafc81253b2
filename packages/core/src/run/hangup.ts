/**
 * Whether this process was started with SIGHUP ignored, as `nohup` starts it. Node sets signals back to their
 * default at its start, so that the answer has to be found in what that leaves behind.
 */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { createRequire } from 'node:module';

import type Koffi from 'koffi';

let answer: boolean | undefined;

/**
 * Whether whoever started this process had it ignore SIGHUP. Must be asked for the first time before anything
 * listens to SIGHUP.
 */
export function isHangupIgnored(): boolean {
  answer ??= inKernelsTable() === true || startedByNohup();
  return answer;
}

/** Has this process, and so a run in it, outlive its terminal where it was started with SIGHUP ignored. */
export function keepHangupIgnored(): void {
  if (isHangupIgnored()) process.on('SIGHUP', () => undefined);
}

/** Nobody ignores this one: a runtime that has touched it touches all, and its traces tell nothing. */
const SIGPWR = 30;
/** glibc and musl on x86-64: handler, 128 bytes of mask, flags, restorer. */
const SIGACTION_BYTES = 152;
const FLAGS_AT = 136;
/** Set by the C library in every call of `sigaction` on x86-64, cleared by `execve`. */
const SA_RESTORER = 0x04000000;
const SIG_DFL = 0n;
const SIG_IGN = 1n;

/**
 * At its start Node calls `sigaction` for just the signals that are ignored. After `execve` an entry of the
 * kernel's table is blank; one that the C library has set back to the default has the restorer's flag.
 *
 * @returns null where the table does not say
 * @source node.cc, ResetSignalHandlers; linux kernel/signal.c, flush_signal_handlers; glibc
 *   sysdeps/unix/sysv/linux/x86_64/libc_sigaction.c
 */
function inKernelsTable(): boolean | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
    const sigaction = koffi
      .load(null)
      .func('int sigaction(int signal, const void *new, _Out_ uint8_t *old)') as (
      signal: number,
      replacement: null,
      present: Buffer,
    ) => number;
    const entryOf = (signal: number) => {
      const present = Buffer.alloc(SIGACTION_BYTES);
      if (sigaction(signal, null, present) !== 0) throw new Error('sigaction failed');
      return { handler: present.readBigUInt64LE(0), flags: present.readUInt32LE(FLAGS_AT) };
    };
    const hangup = entryOf(constants.signals.SIGHUP);
    if (hangup.handler === SIG_IGN) return true;
    if (hangup.handler !== SIG_DFL || entryOf(SIGPWR).flags !== 0) return null;
    return hangup.flags === SA_RESTORER;
  } catch {
    return null;
  }
}

/**
 * `nohup npx pipeline`: npm is a Node too and hands on no ignored signal, but shells tell whom they start who
 * he is, and `nohup` passes that on.
 */
function startedByNohup(): boolean {
  if (isNohup(process.env['_'])) return true;
  try {
    const group = statOf('self').group;
    for (let pid = statOf('self').parent; pid > 1; pid = statOf(pid).parent) {
      // Only who was started with us: nothing is known of the wishes of others.
      if (statOf(pid).group !== group) return false;
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      const started = environment.find((entry) => entry.startsWith('_='));
      if (isNohup(started?.slice(2)) || ignoresHangup(pid)) return true;
    }
  } catch {
    // No /proc, or a process that has ended.
  }
  return false;
}

function isNohup(path: string | undefined): boolean {
  return path !== undefined && basename(path) === 'nohup';
}

/** The parent's id and the process group's. @source proc(5) */
function statOf(pid: number | 'self'): { readonly parent: number; readonly group: number } {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before may hold blanks and parentheses.
  const [, parent, group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(parent), group: Number(group) };
}

/** A shell under `nohup` keeps the signal ignored. */
function ignoresHangup(pid: number): boolean {
  const ignored = /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return ignored !== undefined && (BigInt(`0x${ignored}`) & 1n) === 1n;
}
