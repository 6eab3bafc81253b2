/** Writes a run to a terminal (live display), to a log (plain lines) or to a program (JSON lines). */
import { tap, type Observable } from 'rxjs';

import { toJson } from '@eddy/core/report';
import type { Logger, RunEvent } from '@eddy/core';
import type { createLogUpdate } from 'log-update';

import { RunView } from './run-view.ts';
import { styleFor } from './style.ts';
import { widthOf } from './width.ts';

export type ConsoleFormat = 'live' | 'plain' | 'json';

export interface ConsoleOptions {
  readonly format: ConsoleFormat | 'auto';
  /** Seconds between progress lines in plain format. */
  readonly interval: number;
}

const REFRESH_MS = 100;

export async function createConsoleLogger(
  options: ConsoleOptions,
  stream: NodeJS.WritableStream = process.stdout,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Logger> {
  const format = options.format === 'auto' ? detectFormat(stream, env) : options.format;
  if (format === 'json') return jsonLogger(stream);
  const view = new RunView(styleFor(stream, env), () => widthOf(stream, env));
  if (format === 'plain') return plainLogger(view, stream, options.interval);
  const { createLogUpdate } = await import('log-update');
  return liveLogger(view, createLogUpdate(stream), stream);
}

function detectFormat(stream: NodeJS.WritableStream, env: NodeJS.ProcessEnv): ConsoleFormat {
  const { isTTY, rows } = stream as Partial<NodeJS.WriteStream>;
  // Some containers give a terminal without a size, on which nothing can be repainted.
  const isTerminal = isTTY === true && rows !== 0;
  const isCi = env['CI'] !== undefined && env['CI'] !== 'false';
  return isTerminal && !isCi && env['TERM'] !== 'dumb' ? 'live' : 'plain';
}

function liveLogger(
  view: RunView,
  live: ReturnType<typeof createLogUpdate>,
  stream: NodeJS.WritableStream,
): Logger {
  return {
    attach: async (events$) => {
      // Repaints also when no event comes; must not keep a finished process alive.
      const timer = setInterval(() => live(view.liveLines().join('\n')), REFRESH_MS).unref();
      try {
        await done(events$, (event) => {
          const lines = view.lines(event);
          if (lines.length === 0) return;
          live.clear();
          write(stream, lines);
          live(view.liveLines().join('\n'));
        });
      } finally {
        clearInterval(timer);
        live.clear();
        live.done();
      }
    },
  };
}

function plainLogger(
  view: RunView,
  stream: NodeJS.WritableStream,
  intervalSeconds: number,
): Logger {
  return {
    attach: (events$) => {
      let nextMs = intervalSeconds * 1000;
      return done(events$, (event) => {
        write(stream, view.lines(event));
        const isProgress = event.type === 'step-finished' || event.type === 'progress';
        if (!isProgress || event.timeMs < nextMs) return;
        nextMs = event.timeMs + intervalSeconds * 1000;
        const line = view.progressLine();
        if (line !== null) write(stream, [line]);
      });
    },
  };
}

function jsonLogger(stream: NodeJS.WritableStream): Logger {
  return {
    attach: (events$) => done(events$, (event) => write(stream, [toJson(event)])),
  };
}

function write(stream: NodeJS.WritableStream, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
}

/** Calls `next` for every event; resolves at the end, rejects with what `next` throws. */
function done(events$: Observable<RunEvent>, next: (event: RunEvent) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    events$.pipe(tap(next)).subscribe({ error: reject, complete: resolve });
  });
}
