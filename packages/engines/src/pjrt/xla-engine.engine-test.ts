import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { broadcastTo, matMul, mul, sum } from '@tensorflow/tfjs-core';
import { repeat, zeros, type Program } from '@eddy/tensor';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { failure } from '@eddy/core/testing';
import { installedXlaCpu, testXlaEngine } from '../testing/test-engines.ts';
import type { HostedEngine } from '../process/hosted-engine.ts';

const SIZE = 1024;
const MATRIX = { shape: [SIZE, SIZE], dtype: 'float32' } as const;

/** Takes about `times` × 10 ms. */
const slow = (times: number): Program => ({
  name: 'slow',
  state: { matrix: MATRIX },
  inputs: {},
  run: ({ matrix }) => {
    const [result] = repeat(times, [matrix!], ([x]) => [mul(matMul(x!, x!), 1e-3)]);
    return { state: { matrix: result! }, outputs: { total: sum(result!) } };
  },
});

let folder: string;
let engine: HostedEngine | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-xla-'));
});
afterEach(async () => {
  await engine?.dispose();
  engine = undefined;
  rmSync(folder, { recursive: true });
});

it('hands an output out twice that was asked for twice', async () => {
  engine = await testXlaEngine();
  const spec = { shape: [2], dtype: 'float32' } as const;
  const x = { ...spec, data: Float32Array.of(1, 2) };
  const executable = await engine.compile({
    name: 'doubled',
    state: {},
    inputs: { x: spec },
    run: (_state, inputs) => ({ state: {}, outputs: { y: mul(inputs['x']!, 2) } }),
  });
  const tree = await engine.upload({});
  for (let i = 0; i < 50; i++) {
    const { y } = await executable.run(tree, { x }, { fetch: ['y', 'y', 'y'] });
    expect([...y!.data]).toEqual([2, 4]);
  }
});

describe('the death of the engine process', () => {
  it.each(['SIGKILL', 'SIGABRT', 'SIGSEGV'] as const)(
    'by %s fails every call with ENGINE_DIED and spares the supervisor',
    async (signal) => {
      engine = await testXlaEngine();
      const state = await engine.upload({ matrix: zeros(MATRIX) });
      const executable = await engine.compile(slow(1000));
      const running = [executable.run(state, {}), state.read()].map(failure);
      await setTimeout(50);
      process.kill(engine.pid!, signal);
      for (const error of await Promise.all(running)) {
        expect(error.code).toBe('ENGINE_DIED');
        expect(error.message).toContain(signal);
        expect(error.message).toContain('pipeline resume');
      }
      expect((await failure(executable.run(state, {}))).code).toBe('ENGINE_DIED');
      expect((await failure(engine.memory())).code).toBe('ENGINE_DIED');
    },
  );

  it('is noticed when the process only hangs', async () => {
    engine = await testXlaEngine({ hangTimeoutMs: 1200 });
    const state = await engine.upload({ matrix: zeros(MATRIX) });
    process.kill(engine.pid!, 'SIGSTOP');
    const error = await failure(state.read());
    expect(error.code).toBe('ENGINE_DIED');
    expect(error.message).toContain('no heartbeat');
  });

  it('is not assumed during a run longer than the timeout, nor after the supervisor was busy', async () => {
    engine = await testXlaEngine({ hangTimeoutMs: 2400 });
    const state = await engine.upload({ matrix: zeros(MATRIX) });
    const timeOf = async (times: number) => {
      const executable = await engine!.compile(slow(times));
      const start = performance.now();
      await executable.run(state, {});
      return performance.now() - start;
    };
    await timeOf(1); // starts threads
    // As many times as this machine needs for twice the timeout, and more where it became faster since.
    let times = Math.ceil(4800 / ((await timeOf(30)) / 30));
    let took = await timeOf(times);
    while (took <= 2400) took = await timeOf((times *= 2));
    expect(took).toBeGreaterThan(2400);
    const busyUntil = performance.now() + 3000;
    while (performance.now() < busyUntil);
    await setTimeout(300);
    await state.read();
  });

  it('does not follow from a terminal signal', async () => {
    engine = await testXlaEngine();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.kill(engine.pid!, signal);
    }
    await setTimeout(100);
    expect((await engine.memory()).bytesInUse).toBeGreaterThan(0);
  });
});

it('a program that is another the second time is refused while it compiles', async () => {
  engine = await testXlaEngine();
  let runs = 0;
  const counting: Program = {
    ...slow(1),
    run: ({ matrix }) => ({ state: { matrix: mul(matrix!, ++runs) }, outputs: {} }),
  };
  const meanwhile = vi.fn();
  const error = await failure(engine.compile(counting, { meanwhile }));
  expect(error.code).toBe('TRACE_NOT_DETERMINISTIC');
  expect(meanwhile).not.toHaveBeenCalled();
  await engine.compile(slow(1), { meanwhile });
  expect(meanwhile).toHaveBeenCalledOnce();
});

it('ends with its supervisor, even if that is killed', async () => {
  const { pluginPath } = await installedXlaCpu();
  const script = `
    import { createXlaEngine } from ${JSON.stringify(import.meta.resolve('../../dist/pjrt/xla-engine.js'))};
    const engine = await createXlaEngine({
      name: 'xla-cpu', pluginPath: ${JSON.stringify(pluginPath)}, pluginVersion: '', pluginDigest: '', cacheFolder: null,
    });
    console.log(engine.pid);
    setInterval(() => undefined, 1000);`;
  const supervisor = spawn(process.execPath, ['--input-type=module', '-e', script]);
  supervisor.stderr.pipe(process.stderr);
  const ended = once(supervisor, 'exit').then(() => expect.fail('the supervisor has ended'));
  const [line] = await Promise.race([once(supervisor.stdout, 'data') as Promise<[Buffer]>, ended]);
  const pid = Number(line.toString());
  process.kill(pid, 0);
  supervisor.kill('SIGKILL');
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 10_000);
});

it('leaves the event loop free while the device works', async () => {
  engine = await testXlaEngine();
  const state = await engine.upload({ matrix: zeros(MATRIX) });
  const executable = await engine.compile(slow(100));
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 5);
  const start = performance.now();
  await executable.run(state, {});
  clearInterval(timer);
  expect(turns).toBeGreaterThan((performance.now() - start) / 50);
});

it('donates: state larger than half of what a copy would need is updated in place', async () => {
  const size = 40 << 20;
  const big = { shape: [size], dtype: 'float32' } as const;
  engine = await testXlaEngine();
  const state = await engine.upload({ big: zeros(big) });
  const executable = await engine.compile({
    name: 'increment',
    state: { big },
    inputs: {},
    run: ({ big }) => ({ state: { big: mul(big!, 2) }, outputs: {} }),
  });
  // The result lives in the argument: nothing but a few bytes of bookkeeping is added.
  expect(executable.stats.argumentBytes).toBe(4 * size);
  expect(executable.stats.outputBytes).toBeLessThan(1000);
  await executable.run(state, {}); // makes the zeros
  const before = (await engine.memory()).peakBytes!;
  await executable.run(state, {});
  const after = (await engine.memory()).peakBytes!;
  expect(after - before).toBeLessThan(2 * size);
});

describe('the compile cache', () => {
  const program = slow(3);
  const compileOnce = async () => {
    // Programs with products of oneDNN are not kept.
    engine = await testXlaEngine({ cacheFolder: folder, products: 'compiler' });
    const executable = await engine.compile(program);
    const state = await engine.upload({
      matrix: { ...MATRIX, data: Float32Array.from({ length: SIZE * SIZE }, (_, i) => i % 7) },
    });
    const { total } = await executable.run(state, {}, { fetch: ['total'] });
    await engine.dispose();
    return { stats: executable.stats, total: total!.data[0] };
  };
  const entries = () => readdirSync(join(folder, 'compiled'));

  it('spares a second start the compiling, with the same results', async () => {
    const first = await compileOnce();
    const second = await compileOnce();
    expect(first.stats.cached).toBe(false);
    expect(second.stats.cached).toBe(true);
    expect(second.total).toBe(first.total);
    expect(second.stats.temporaryBytes).toBe(first.stats.temporaryBytes);
  });

  it.each([
    ['truncated', (file: Buffer) => file.subarray(0, file.length >> 1)],
    ['flipped in one bit', (file: Buffer) => (file.writeUInt8(file[999]! ^ 1, 999), file)],
    ['empty', () => Buffer.alloc(0)],
  ])('ignores and replaces a file that is %s', async (_, damage) => {
    const first = await compileOnce();
    const path = join(folder, 'compiled', entries()[0]!);
    const whole = readFileSync(path).length;
    writeFileSync(path, damage(readFileSync(path)));
    const second = await compileOnce();
    expect(second.stats.cached).toBe(false);
    expect(second.total).toBe(first.total);
    expect(entries()).toHaveLength(1);
    expect(readFileSync(path).length).toBe(whole);
    expect((await compileOnce()).stats.cached).toBe(true);
  });

  it('does not serve a program compiled with other flags', async () => {
    await compileOnce();
    engine = await testXlaEngine({ cacheFolder: folder, threads: 8 });
    expect((await engine.compile(program)).stats.cached).toBe(false);
  });
});

describe('errors of the plugin', () => {
  it('come with its own words and the place', async () => {
    engine = await testXlaEngine();
    const code = {
      kind: 'stablehlo',
      text: 'module { nonsense }',
      takesTrue: false,
      devices: 1,
    } as const;
    const rest = { devices: 1, flops: 0, cacheFile: null, arguments: [], results: [] };
    const broken = { name: 'broken', code, ...rest };
    const error = await failure(engine.compilePrepared(broken));
    expect(error.code).toBe('PLUGIN_FAILED');
    expect(error.facts.at).toBe('compiling broken');
    expect(error.facts.received).toContain('nonsense');
  });

  it('are OUT_OF_MEMORY, with the bytes, when the device has no room', async () => {
    const terabytes = { shape: [1e13], dtype: 'float32' } as const;
    const scalar = { shape: [], dtype: 'float32' } as const;
    engine = await testXlaEngine();
    const executable = await engine.compile({
      name: 'huge',
      state: {},
      inputs: { x: scalar },
      run: (_, { x }) => ({ state: {}, outputs: { huge: broadcastTo(x!, [1e13]) } }),
    });
    expect(executable.outputs).toEqual({ huge: terabytes });
    const state = await engine.upload({});
    const error = await failure(executable.run(state, { x: zeros(scalar) }));
    expect(error.code).toBe('OUT_OF_MEMORY');
    expect(error.facts.at).toBe('huge');
    expect(error.facts.received).toContain('40000000000000 bytes');
    expect((await engine.memory()).bytesInUse).toBeGreaterThan(0);
  });

  it('when a library is no plugin', async () => {
    const path = join(folder, 'plugin.so');
    writeFileSync(path, 'not a library');
    const error = await failure(testXlaEngine({ pluginPath: path }));
    expect(error.code).toBe('PLUGIN_NOT_LOADED');
    expect(error.facts.at).toBe(path);
  });
});

it('refuses calls after it was disposed', async () => {
  const disposed = await testXlaEngine();
  await disposed.dispose();
  expect((await failure(disposed.memory())).code).toBe('ENGINE_DISPOSED');
  await disposed.dispose();
});

it('spends well under a millisecond of CPU on a run', async () => {
  engine = await testXlaEngine();
  const scalar = { shape: [], dtype: 'float32' } as const;
  const executable = await engine.compile({
    name: 'trivial',
    state: { x: scalar },
    inputs: { y: scalar },
    run: ({ x }, { y }) => ({ state: { x: mul(x!, y!) }, outputs: { x: x! } }),
  });
  const state = await engine.upload({ x: zeros(scalar) });
  const inputs = { y: zeros(scalar) };
  for (let i = 0; i < 300; i++) await executable.run(state, inputs, { fetch: ['x'] });
  const runs = 1000;
  const before = process.cpuUsage();
  for (let i = 0; i < runs; i++) await executable.run(state, inputs, { fetch: ['x'] });
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000 / runs).toBeLessThan(1);
});
