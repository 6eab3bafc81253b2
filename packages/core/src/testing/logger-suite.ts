/** What every logger must stand, whatever it writes. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { from, NEVER, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Logger } from '../contracts/logger.ts';
import type { RunEvent } from '../contracts/events.ts';
import { exampleRun } from './example-run.ts';

/**
 * Conformance of a logger plugin.
 *
 * @param create  makes the logger under test for a run folder that exists
 */
export function loggerSuite(
  name: string,
  create: (runFolder: string) => Logger | Promise<Logger>,
): void {
  describe(`logger ${name}`, () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'eddy-logger-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('takes every event of a run and resolves at its end', async () => {
      const logger = await create(folder);
      await expect(logger.attach(from(exampleRun(folder)))).resolves.toBeUndefined();
    });

    it('subscribes at once and writes nothing before the first event', async () => {
      const logger = await create(folder);
      const events = new Subject<RunEvent>();
      const attached = logger.attach(events);
      expect(events.observed).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(readdirSync(folder)).toEqual([]);
      exampleRun(folder).forEach((event) => events.next(event));
      events.complete();
      await attached;
    });

    it('stands a run that ends before it began', async () => {
      const logger = await create(folder);
      await logger.attach(from([]));
    });

    it.each(['failed', 'stopped'] as const)('stands a run that %s early', async (status) => {
      const logger = await create(folder);
      const finished: RunEvent = {
        timeMs: 99,
        type: 'run-finished',
        status,
        error: { code: 'TRAINING_DIVERGED', message: 'loss is NaN' },
      };
      await logger.attach(from([...exampleRun(folder).slice(0, 2), finished]));
    });

    it('stands metrics that are not finite', async () => {
      const logger = await create(folder);
      const events = exampleRun(folder).map((event) =>
        event.type === 'step-finished'
          ? { ...event, metrics: { lm_loss: NaN, exact_accuracy: Infinity, count: 1 } }
          : event,
      );
      await logger.attach(from(events));
    });

    it('can be attached to a stream that never ends', async () => {
      const logger = await create(folder);
      void logger.attach(NEVER);
    });
  });
}
