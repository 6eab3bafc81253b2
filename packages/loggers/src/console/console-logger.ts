/** Writes a run to a terminal (live display), to a log (plain lines) or to a program (JSON lines). */
import { tap, type Observable } from 'rxjs';

import { toJson } from '@eddy/core/report';
import type { Logger, RunEvent } from '@eddy/core';
import type { createLogUpdate } from 'log-update';

import { ConsoleWriter } from './console-writer.ts';
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
  const writer = new ConsoleWriter(stream);
  if (format === 'json') return jsonLogger(writer);
  const view = new RunView(styleFor(stream, env), () => widthOf(stream, env));
  if (format === 'plain') return plainLogger(view, writer, options.interval);
  const { createLogUpdate } = await import('log-update');
  return liveLogger(view, createLogUpdate(writer as unknown as NodeJS.WritableStream), writer);
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
  writer: ConsoleWriter,
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
          writer.lines(lines);
          live(view.liveLines().join('\n'));
        });
      } finally {
        clearInterval(timer);
        live.clear();
        live.done();
      }
      await writer.close();
    },
  };
}

function plainLogger(view: RunView, writer: ConsoleWriter, intervalSeconds: number): Logger {
  return {
    attach: async (events$) => {
      let nextMs = intervalSeconds * 1000;
      await done(events$, (event) => {
        writer.lines(view.lines(event));
        const isProgress = event.type === 'step-finished' || event.type === 'progress';
        if (!isProgress || event.timeMs < nextMs) return;
        nextMs = event.timeMs + intervalSeconds * 1000;
        const line = view.progressLine();
        if (line !== null) writer.lines([line]);
      });
      await writer.close();
    },
  };
}

function jsonLogger(writer: ConsoleWriter): Logger {
  return {
    attach: async (events$) => {
      await done(events$, (event) => writer.lines([toJson(event)]));
      await writer.close();
    },
  };
}

/** Calls `next` for every event; resolves at the end, rejects with what `next` throws. */
function done(events$: Observable<RunEvent>, next: (event: RunEvent) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    events$.pipe(tap(next)).subscribe({ error: reject, complete: resolve });
  });
}
