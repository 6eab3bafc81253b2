import { afterEach, expect, it, vi } from 'vitest';

import type { RunEvent } from '../contracts/events.ts';
import { createEventBus } from './event-bus.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('tells the time of events by a clock that nobody sets', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-30T12:00:00Z') });
  const events: RunEvent[] = [];
  const bus = createEventBus({ elapsedMs: 500, record: (event) => events.push(event) });
  for (const hours of [0, 1, -1, -240, 2400]) {
    vi.setSystemTime(Date.parse('2026-11-30T12:00:00Z') + hours * 3_600_000);
    bus.emit({ type: 'message', level: 'info', text: `${hours}` });
  }
  const times = events.map(({ timeMs }) => timeMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[0]).toBeGreaterThanOrEqual(500);
  expect(times.at(-1)).toBeLessThan(60_000);
});
