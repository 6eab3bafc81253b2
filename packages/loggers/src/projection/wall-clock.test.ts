import type { RunEvent } from '@eddy/core';
import { afterEach, expect, it, vi } from 'vitest';

import { WallClock } from './wall-clock.ts';

afterEach(() => {
  vi.useRealTimers();
});

const started = (timeMs: number, startedAt: string) =>
  ({ type: 'run-started', timeMs, run: { startedAt } }) as unknown as RunEvent;
const message = (timeMs: number) =>
  ({ type: 'message', timeMs, level: 'info', text: '' }) as unknown as RunEvent;

it('goes on from the start by the time of events, whatever the system says meanwhile', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-30T12:00:00Z') });
  const clock = new WallClock();
  const startS = Date.parse('2026-11-30T12:00:00Z') / 1000;
  expect(clock.secondsOf(started(0, new Date().toISOString()))).toBe(startS);
  vi.setSystemTime(Date.parse('2026-11-30T13:00:00Z'));
  expect(clock.secondsOf(message(2000))).toBe(startS + 2);
  vi.setSystemTime(Date.parse('2026-11-20T11:00:00Z'));
  expect(clock.secondsOf(message(3000))).toBe(startS + 3);
});

it('does not go back where a session starts by a clock that was set back', () => {
  const clock = new WallClock();
  const first = clock.secondsOf(started(0, '2026-11-30T12:00:00Z'));
  const last = clock.secondsOf(message(60_000));
  expect(last).toBe(first + 60);
  expect(clock.secondsOf(started(60_000, '2026-11-20T12:00:00Z'))).toBe(last);
});
