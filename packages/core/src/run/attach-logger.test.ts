import { lastValueFrom, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { Logger } from '../contracts/logger.ts';
import { attachLogger } from './attach-logger.ts';
import { createEventBus } from './event-bus.ts';

const limits = { afterEndMs: 200, afterStopMs: 20 };

function attach(logger: Logger) {
  const texts: string[] = [];
  const bus = createEventBus({
    record: (event) => void (event.type === 'message' && texts.push(event.text)),
  });
  const controller = new AbortController();
  const stop = {
    get requested() {
      return controller.signal.aborted;
    },
    signal: controller.signal,
  };
  const attached = attachLogger('odd', logger, bus, stop, limits);
  return { bus, texts, attached, stop: () => controller.abort() };
}

describe('attachLogger', () => {
  it('warns once about a logger that throws, and sends it nothing more', async () => {
    let seen = 0;
    const { bus, texts, attached } = attach({
      attach: async (events$) => {
        await lastValueFrom(
          events$.pipe(
            tap(() => {
              if (++seen === 2) throw new Error('disk full');
            }),
          ),
        );
      },
    });
    for (let i = 0; i < 5; i++) bus.emit({ type: 'stage-started', stage: 's' });
    bus.complete();
    await attached;
    expect(texts).toEqual(['logger odd failed: disk full']);
    expect(seen).toBe(2);
  });

  it('warns about one that throws before it listens', async () => {
    const { texts, attached } = attach({
      attach: () => {
        throw new Error('no such server');
      },
    });
    await attached;
    expect(texts).toEqual(['logger odd failed: no such server']);
  });

  it('leaves one behind that does not end, sooner when a stop is asked for', async () => {
    const never: Logger = { attach: () => new Promise(() => undefined) };
    const calm = attach(never);
    const start = performance.now();
    calm.bus.complete();
    await calm.attached;
    expect(performance.now() - start).toBeGreaterThan(190);
    expect(calm.texts).toEqual(['logger odd failed: it was still busy 1 s after the run']);

    const hurried = attach(never);
    const stopped = performance.now();
    hurried.bus.complete();
    hurried.stop();
    await hurried.attached;
    expect(performance.now() - stopped).toBeLessThan(190);
  });
});
