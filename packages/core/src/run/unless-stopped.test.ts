import { expect, it, vi } from 'vitest';

import { unlessStopped } from './unless-stopped.ts';

function stopSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  return { controller, stop: { requested: false, signal } };
}
const never = new Promise<never>(() => undefined);
const stopped = () => new Error('stopped');

it('is what the work comes to, and listens for a stop no longer', async () => {
  const { stop } = stopSignal();
  const removed = vi.spyOn(stop.signal, 'removeEventListener');
  expect(await unlessStopped(stop, Promise.resolve(7), stopped)).toBe(7);
  await expect(unlessStopped(stop, Promise.reject(new Error('no room')), stopped)).rejects.toThrow(
    'no room',
  );
  expect(removed).toHaveBeenCalledTimes(2);
});

it('ends with a stop, and does not hear what becomes of the work', async () => {
  const { controller, stop } = stopSignal();
  let fail!: (error: Error) => void;
  const work = new Promise<never>((_, reject) => (fail = reject));
  const ended = expect(unlessStopped(stop, work, stopped)).rejects.toThrow('stopped');
  controller.abort();
  await ended;
  fail(new Error('disposed'));
  await expect(unlessStopped(stop, never, stopped)).rejects.toThrow('stopped');
});
