import { setImmediate } from 'node:timers/promises';

import type { MemoryStats } from '@eddy/core';
import { describe, expect, it, vi } from 'vitest';

import { hostLost } from '../mpi/errors.ts';
import { EngineProcess, start } from './engine-process.ts';
import { engineDied } from './errors.ts';
import type { EngineLink } from './link.ts';
import type { Answer } from './protocol.ts';

/** A link to a process that answers when the test says so. */
function fakeLink() {
  const listeners: ((message: unknown) => void)[] = [];
  let gone: (error: Error) => void = () => undefined;
  let ended: () => void = () => undefined;
  const hold = vi.fn<(hold: boolean) => void>();
  const link: EngineLink = {
    pid: undefined,
    send: (_message, sent) => sent(null),
    onMessage: (listener) => {
      listeners.push(listener);
    },
    onGone: (listener) => {
      gone = listener;
    },
    giveUp: (reason) => new Error(reason),
    end: () => {
      hold(true);
      return new Promise((resolve) => (ended = resolve));
    },
    holdOpen: hold,
  };
  return {
    link,
    hold,
    answer: (message: Answer) => {
      for (const listener of listeners) listener({ number: 0, message, arrays: [] });
    },
    die: (error: Error) => gone(error),
    end: () => ended(),
  };
}

const MEMORY: MemoryStats = { bytesInUse: 1, peakBytes: 2, limitBytes: 3 };

describe('the heartbeat of EngineProcess', () => {
  /** Seconds until a silent process is given up, whose clock ticks `ticks` times a second. */
  async function secondsUntilGivenUp(ticks?: number): Promise<number> {
    vi.useFakeTimers();
    try {
      const { link, answer } = fakeLink();
      const start = performance.now();
      const used = () => (ticks! * (performance.now() - start)) / 1000;
      const engine = new EngineProcess(
        { ...link, ...(ticks !== undefined && { processorTicks: used }) },
        { engine: 'fake' },
      );
      answer({ id: 0, ok: true, value: MEMORY });
      let seconds = 0;
      const call = engine
        .call('memory', {})
        .catch(() => (seconds = (performance.now() - start) / 1000));
      await vi.advanceTimersByTimeAsync(300_000);
      await call;
      return Math.round(seconds);
    } finally {
      vi.useRealTimers();
    }
  }

  it('gives up one at rest within half a minute', async () => {
    expect(await secondsUntilGivenUp(0)).toBe(28);
    expect(await secondsUntilGivenUp(10)).toBe(28);
  });

  it('is patient with one that computes, and with a network', async () => {
    expect(await secondsUntilGivenUp(100)).toBe(124);
    expect(await secondsUntilGivenUp()).toBe(64);
  });
});

describe('EngineProcess', () => {
  it('is held open while an answer is awaited', async () => {
    const { link, hold, answer } = fakeLink();
    const engine = new EngineProcess(link, { engine: 'fake' });
    expect(hold).toHaveBeenLastCalledWith(false);
    const memory = engine.call('memory', {});
    expect(hold).toHaveBeenLastCalledWith(true);
    answer({ id: 0, ok: true, value: MEMORY });
    expect((await memory).value).toBe(MEMORY);
    expect(hold).toHaveBeenLastCalledWith(false);
  });

  it('is held open by its link to its end, also when an answer still arrives', async () => {
    const { link, hold, answer, end } = fakeLink();
    const engine = new EngineProcess(link, { engine: 'fake' });
    const memory = engine.call('memory', {});
    const disposed = engine.dispose();
    await expect(memory).rejects.toMatchObject({ code: 'ENGINE_DISPOSED' });
    answer({ id: 0, ok: true, value: MEMORY });
    expect(hold).toHaveBeenLastCalledWith(true);
    end();
    await disposed;
  });

  it('tells of its end whoever waits and whoever comes later', async () => {
    const { link, hold, die } = fakeLink();
    const engine = new EngineProcess(link, { engine: 'fake' });
    const memory = engine.call('memory', {});
    const death = new Error('dead');
    die(death);
    await expect(memory).rejects.toBe(death);
    await expect(engine.call('memory', {})).rejects.toBe(death);
    expect(hold).toHaveBeenLastCalledWith(false);
  });
});

describe('a process that loads its plugin', () => {
  const startup = () => {
    const { link, ...fake } = fakeLink();
    const engine = new EngineProcess(link, { engine: 'fake' });
    return { ...fake, started: start(engine, 'fake', '/plugin.so') };
  };
  const notLoaded = (received: string, cause: unknown) => ({
    code: 'PLUGIN_NOT_LOADED',
    cause,
    facts: {
      message: 'the plugin of engine fake could not be started',
      at: '/plugin.so',
      received,
    },
  });

  it('and dies of it is an error that says what it died of', async () => {
    const { started, die, end } = startup();
    const death = engineDied({
      engine: 'fake',
      reason: 'signal SIGSEGV',
      stderr: ['libcudart.so.13: version not found', 'Aborted'],
    });
    die(death);
    await setImmediate();
    end();
    await expect(started).rejects.toMatchObject(
      notLoaded(
        [
          'the process of engine fake has ended: signal SIGSEGV',
          'libcudart.so.13: version not found',
          'Aborted',
        ].join('\n            '),
        death,
      ),
    );
  });

  it('and cannot is an error with the words of the library, when the process is gone', async () => {
    const { started, answer, end } = startup();
    const call = 'PJRT_Client_Create';
    const failure = { kind: 'library', code: 'NOT_FOUND', call, message: 'no device' } as const;
    answer({ id: 0, ok: false, failure });
    const settled = vi.fn();
    started.catch(settled);
    await setImmediate();
    expect(settled).not.toHaveBeenCalled();
    end();
    await expect(started).rejects.toMatchObject(
      notLoaded(
        'the library of engine fake answered PJRT_Client_Create with NOT_FOUND\n            no device',
        expect.objectContaining({ code: 'PLUGIN_FAILED' }),
      ),
    );
  });

  it('and finds no memory left is OUT_OF_MEMORY', async () => {
    const { started, answer, end } = startup();
    const failure = {
      kind: 'library',
      code: 'RESOURCE_EXHAUSTED',
      call: 'PJRT_Client_Create',
      message: 'Out of memory allocating 80000000000 bytes',
    } as const;
    answer({ id: 0, ok: false, failure });
    await setImmediate();
    end();
    await expect(started).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      facts: { at: 'starting engine fake', received: failure.message },
    });
  });

  it('and whose host is lost is HOST_LOST', async () => {
    const { started, die, end } = startup();
    const lost = hostLost({ place: 'host 1 (gpu04)', received: 'its connection was closed' });
    die(lost);
    await setImmediate();
    end();
    await expect(started).rejects.toBe(lost);
  });
});
