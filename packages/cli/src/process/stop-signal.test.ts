import type { StopController } from '@eddy/core/run';
import type { StopSignal } from '@eddy/core';
import { EddyError } from '@eddy/tensor/errors';
import { expect, it, vi } from 'vitest';

import { withStopSignal } from './stop-signal.ts';

const stopped = (makeError: (stop: StopSignal) => unknown) =>
  withStopSignal((stop) => {
    (stop as unknown as StopController).request('SIGTERM');
    return Promise.reject(makeError(stop) as Error);
  });
const coded = (code: string) => new EddyError({ code, message: 'x', fix: 'x' });

it.each([
  ['the reason of the signal', (stop: StopSignal): unknown => stop.signal.reason],
  ['a stage that was ended', () => coded('STAGE_FAILED')],
  ['a run in a temporary folder', () => coded('RUN_STOPPED')],
])('says that it was stopped, whatever that made of the work: %s', async (_name, makeError) => {
  await expect(stopped(makeError)).rejects.toMatchObject({ code: 'COMMAND_STOPPED', exitCode: 75 });
});

it('keeps what went wrong besides, and what went wrong without a stop', async () => {
  await expect(stopped(() => coded('DATA_FILE_MISSING'))).rejects.toMatchObject({
    code: 'DATA_FILE_MISSING',
  });
  const error = new TypeError('oops');
  await expect(withStopSignal(() => Promise.reject(error))).rejects.toBe(error);
});

it('says after the work that nothing is left to save', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await withStopSignal((stop) => {
    stop.workIsOver();
    process.emit('SIGTERM', 'SIGTERM');
    return Promise.resolve();
  });
  const texts = said.mock.calls.map(([text]) => text);
  said.mockRestore();
  expect(texts).toEqual([
    '\nSIGTERM: the work is done and nothing is left to save; exiting; again to end at once\n',
  ]);
});

it('stops for an error that nobody caught, and ends with it', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const stray = new Error('of a side channel');
  const result = withStopSignal(
    (stop) =>
      new Promise((resolve) => {
        stop.signal.addEventListener('abort', () => resolve('saved'));
        process.emit('uncaughtException', stray);
      }),
  );
  await expect(result).rejects.toBe(stray);
  said.mockRestore();
});
