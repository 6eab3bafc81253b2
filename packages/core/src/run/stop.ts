/**
 * SIGINT and SIGTERM: the first asks for a clean end, the second ends at once. SIGHUP, unless it is ignored as
 * under `nohup`, asks for a clean end and never more: a terminal that closes sends it several times. SIGUSR1
 * asks for a checkpoint, and the run goes on.
 */
import { constants } from 'node:os';

import { isHangupIgnored } from './hangup.ts';
import type { StopSignal } from '../contracts/services.ts';

/** Stopped at a clean boundary; the run can be resumed. */
export const EXIT_STOPPED = 75;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface StopController extends StopSignal {
  /** Asks for a clean end, as the first signal does. */
  request(reason?: string): void;
  /** Removes the signal handlers. */
  dispose(): void;
}

export interface StopOptions {
  /** Told about the first signal: says that the run stops soon and that a second SIGINT or SIGTERM ends it at once. */
  readonly onRequest?: (reason: string) => void;
  /** Told about each SIGUSR1. */
  readonly onSaveRequest?: () => void;
  /** Ends the process; exit code 130 for SIGINT, 143 for SIGTERM. */
  readonly exit?: (code: number) => void;
}

/** Listens to SIGINT, SIGTERM and SIGHUP until disposed. */
export function createStopSignal({
  onRequest,
  onSaveRequest,
  exit = (code) => process.exit(code),
}: StopOptions = {}): StopController {
  const controller = new AbortController();
  const request = (reason = 'requested') => {
    if (controller.signal.aborted) return;
    controller.abort(new Error(`stopped: ${reason}`));
    onRequest?.(reason);
  };
  /** What has been asked for by a hang-up alone, the next signal asks for again: it may be the same closing. */
  let hungUpOnly = false;
  const onSignal = (signal: (typeof SIGNALS)[number]) => {
    if (controller.signal.aborted && !hungUpOnly) exit(128 + constants.signals[signal]);
    else request(signal);
    hungUpOnly = false;
  };
  const onHangup = () => {
    if (controller.signal.aborted) return;
    hungUpOnly = true;
    request('SIGHUP');
  };
  let saveRequested = false;
  const onSave = () => {
    saveRequested = true;
    onSaveRequest?.();
  };
  const heedsHangup = !isHangupIgnored();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  if (heedsHangup) process.on('SIGHUP', onHangup);
  // Windows has no such signal.
  if (process.platform !== 'win32') process.on('SIGUSR1', onSave);
  return {
    get requested() {
      return controller.signal.aborted;
    },
    signal: controller.signal,
    request,
    takeSaveRequest: () => {
      const taken = saveRequested;
      saveRequested = false;
      return taken;
    },
    dispose: () => {
      SIGNALS.forEach((signal) => process.off(signal, onSignal));
      process.off('SIGHUP', onHangup);
      process.off('SIGUSR1', onSave);
    },
  };
}
