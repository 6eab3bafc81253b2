import { composite, type Program } from '@eddy/tensor';
import { matMul } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import type { EngineLink } from '../process/link.ts';
import type { Answers, Request } from '../process/protocol.ts';
import { startXla } from './xla-engine.ts';

const H100: Answers['start'] = {
  apiVersion: '0.116',
  platformName: 'cuda',
  platformVersion: 'cuda 13000',
  deviceCount: 1,
  deviceKind: 'NVIDIA H100 80GB HBM3',
  computeCapability: '9.0',
};
const T4 = { ...H100, deviceKind: 'Tesla T4', computeCapability: '7.5' };

/** A link to a process with such a GPU, in which nothing happens; what it was sent to compile. */
function linkTo(gpu: Answers['start']) {
  const listeners: ((message: unknown) => void)[] = [];
  const compiled: string[] = [];
  const link: EngineLink = {
    pid: undefined,
    send: (sent, done) => {
      done(null);
      const request = (sent as { message: Request }).message;
      if (request.type === 'compile' && request.code.kind === 'stablehlo') {
        compiled.push(request.code.text);
      }
      const value = request.type === 'start' ? gpu : { compileMs: 0, cached: false };
      const message = { id: request.id, ok: true, value };
      for (const listener of listeners) listener({ number: 0, message, arrays: [] });
    },
    onMessage: (listener) => {
      listeners.push(listener);
    },
    onGone: () => undefined,
    giveUp: (reason) => new Error(reason),
    end: () => Promise.resolve(),
    holdOpen: () => undefined,
  };
  return { link, compiled };
}

const start = (link: EngineLink, options = {}) =>
  startXla(link, {
    name: 'xla-cuda',
    pluginPath: '/xla_cuda_plugin.so',
    pluginVersion: 'jax-cuda13-pjrt',
    pluginDigest: '0',
    cacheFolder: null,
    ...options,
  });

const spec = { shape: [2, 1, 4, 8], dtype: 'float32' } as const;
const attend: Program = {
  name: 'attend',
  state: {},
  inputs: { q: spec, k: spec, v: spec },
  run: (_state, { q, k, v }) => {
    const [value] = composite('attention', { scale: 1 }, [q!, k!, v!], ([a, b, c]) => [
      matMul(matMul(a!, b!, false, true), c!),
    ]);
    return { state: {}, outputs: { value: value! } };
  },
};

describe('GPUs', () => {
  it('since Ampere multiply in bfloat16, with fused attention', async () => {
    const { link, compiled } = linkTo(H100);
    const { engine } = await start(link);
    expect(engine.info.precision).toBe('bf16-mixed');
    await engine.compile(attend);
    expect(compiled[0]).toContain('__cudnn$fmhaSoftmax');
    await engine.dispose();
  });

  it('before Ampere are taken at their float32, and never asked for the kernel that they lack', async () => {
    const { link, compiled } = linkTo(T4);
    const { engine } = await start(link);
    expect(engine.info.precision).toBe('float32');
    await engine.dispose();

    const mixed = linkTo(T4);
    const asked = await start(mixed.link, { precision: 'bf16-mixed' });
    await asked.engine.compile(attend);
    expect(compiled).toEqual([]);
    expect(mixed.compiled[0]).not.toContain('fmha');
    await asked.engine.dispose();
  });

  it('that do not tell their generation count as new', async () => {
    const { computeCapability: _, ...silent } = H100;
    const { engine } = await start(linkTo(silent).link);
    expect(engine.info.precision).toBe('bf16-mixed');
    await engine.dispose();
  });
});
