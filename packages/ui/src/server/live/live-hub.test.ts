import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { LiveMessage } from '../../api/live.ts';
import { LiveHub } from './live-hub.ts';

let hub: LiveHub;
let looks = 0;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  looks = 0;
  hub = new LiveHub(async () => void looks++);
});
afterEach(() => {
  hub.close();
  vi.useRealTimers();
});

const LARGE: LiveMessage = {
  ...{ topic: 'run/a', type: 'run', events: ['x'.repeat(300_000)], steps: [] },
  head: { id: 'a', status: 'running', elapsedMs: 0, activeStages: [] },
};
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

it('looks at a topic once for all clients, and not without any', async () => {
  const readers = [1, 2, 3].map(() => hub.subscribe(new Set(['run/a'])).getReader());
  await vi.advanceTimersByTimeAsync(4000);
  expect(looks).toBe(10);
  for (const reader of readers) await reader.cancel();
  expect(hub.clients).toBe(0);
  await vi.advanceTimersByTimeAsync(4000);
  expect(looks).toBe(10);
});

it('keeps no more than a megabyte for a client that does not read, and tells it to reload', async () => {
  const reader = hub.subscribe(new Set(['run/a'])).getReader();
  for (let i = 0; i < 100; i++) hub.publish(LARGE);
  let bytes = 0;
  const lines: string[] = [];
  for (;;) {
    const { value } = await reader.read();
    bytes += value!.byteLength;
    lines.push(text(value));
    if (lines.length > 1 && text(value).includes('"reload"')) break;
  }
  expect(bytes).toBeLessThan(1.1 * 2 ** 20);
  expect(lines.length).toBe(5);
  hub.publish(LARGE);
  expect(text((await reader.read()).value)).toContain('xxx');
});

it('drops a client that has not read for 15 s; the others go on', async () => {
  const stalled = hub.subscribe(new Set(['run/a'])).getReader();
  const reading = hub.subscribe(new Set(['runs'])).getReader();
  for (let i = 0; i < 10; i++) hub.publish(LARGE);
  await vi.advanceTimersByTimeAsync(16_000);
  expect(hub.clients).toBe(1);
  await expect(stalled.closed).rejects.toThrow('does not read');
  expect(text((await reading.read()).value)).toContain('"reload"');
});
