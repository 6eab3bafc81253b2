import { add, einsum, matMul, memory, mul, square, sum, tensor1d } from '@tensorflow/tfjs-core';
import type { Engine } from '@eddy/core';
import { EddyError, type Program } from '@eddy/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createEagerEngine } from './eager-engine.ts';

const VECTOR = { shape: [3], dtype: 'float32' } as const;
const vector = (...values: number[]) => ({ ...VECTOR, data: Float32Array.from(values) });

let engine: Engine;
let tensors: number;
beforeEach(async () => {
  engine = await createEagerEngine({ backend: 'wasm' });
  tensors = memory().numTensors;
});
afterEach(() => engine.dispose());

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EddyError);
  return (error as EddyError).code;
}

const program = (run: Program['run']): Program => ({
  name: 'program',
  state: { x: VECTOR },
  inputs: {},
  run,
});

describe('eager engine', () => {
  it('frees everything at every step, and the rest when disposed', async () => {
    const executable = await engine.compile(
      program(({ x }) => {
        const y = add(square(x!), 1);
        return { state: { x: y }, outputs: { y, x: x!, total: sum(mul(y, y)) } };
      }),
    );
    const state = await engine.upload({ x: vector(0, 1, 2) });
    const during = memory().numTensors;
    expect(during - tensors).toBe(1);
    for (let i = 0; i < 3; i++) {
      await executable.run(state, {}, { fetch: ['total', 'x'] });
      expect(memory().numTensors).toBe(during);
    }
    await engine.dispose();
    expect(memory().numTensors).toBe(tensors);
  });

  it('frees what a failed step had made', async () => {
    let fail = false;
    const executable = await engine.compile(
      program(({ x }) => {
        const y = square(x!);
        if (fail) throw new Error('on purpose');
        return { state: { x: y }, outputs: {} };
      }),
    );
    const state = await engine.upload({ x: vector(1, 2, 3) });
    const during = memory().numTensors;
    fail = true;
    await expect(executable.run(state, {})).rejects.toThrow('on purpose');
    expect(memory().numTensors).toBe(during);
    fail = false;
    await executable.run(state, {});
    expect([...(await state.read())['x']!.data]).toEqual([1, 4, 9]);
  });

  it('leaves the state alone and frees the step when its outputs cannot be read', async () => {
    let broken = false;
    const executable = await engine.compile(
      program(({ x }) => {
        const y = square(x!);
        const lost = add(y, 1);
        // As when a device runs out of memory while it copies.
        if (broken) lost.data = () => Promise.reject(new Error('on purpose'));
        const clone = () => lost;
        return {
          state: { x: y },
          outputs: { y, lost: Object.assign(lost, { clone }), z: add(y, 2) },
        };
      }),
    );
    const state = await engine.upload({ x: vector(1, 2, 3) });
    const during = memory().numTensors;
    broken = true;
    const fetch = ['y', 'lost', 'z'];
    await expect(executable.run(state, {}, { fetch })).rejects.toThrow('on purpose');
    expect(memory().numTensors).toBe(during);
    expect([...(await state.read())['x']!.data]).toEqual([1, 2, 3]);
    broken = false;
    const { z } = await executable.run(state, {}, { fetch: ['z'] });
    expect([...z!.data]).toEqual([3, 6, 11]);
  });

  it('counts the FLOPs of matrix products', async () => {
    const matrix = (rows: number, cols: number) =>
      ({ shape: [rows, cols], dtype: 'float32' }) as const;
    const product = await engine.compile({
      name: 'product',
      state: {},
      inputs: { a: matrix(2, 3), b: matrix(3, 5) },
      run: (_state, { a, b }) => ({
        state: {},
        outputs: { y: matMul(a!, b!) },
      }),
    });
    expect(product.stats.flops).toBe(2 * 2 * 3 * 5);
  });

  it('forgets a tree that is disposed, until it is written to again', async () => {
    const tree = await engine.upload({ x: vector(1, 2, 3), y: vector(4, 5, 6) });
    await tree.dispose();
    expect(memory().numTensors).toBe(tensors);
    await engine.upload({ x: vector(7, 8, 9) });
    void tree.write({ x: vector(1, 2, 3) });
    await engine.dispose();
    expect(memory().numTensors).toBe(tensors);
  });

  it.each(['wasm', 'cpu'] as const)(
    'keeps arrays of the caller and of %s apart',
    async (backend) => {
      const own = await createEagerEngine({ backend });
      const x = vector(1, 2, 3);
      const tree = await own.upload({ x });
      x.data[0] = 9;
      const first = (await tree.read())['x']!.data;
      expect([...first]).toEqual([1, 2, 3]);
      first[1] = 9;
      expect([...(await tree.read())['x']!.data]).toEqual([1, 2, 3]);
      await own.dispose();
    },
  );

  it('names the kernel that its backend lacks', async () => {
    const lacking = program(({ x }) => ({
      state: {},
      outputs: { y: einsum('i,i->', x!, x!) },
    }));
    const executable = await engine.compile(lacking);
    const state = await engine.upload({ x: vector(1, 2, 3) });
    await expect(executable.run(state, {})).rejects.toThrow('engine wasm has no kernel Einsum');
    expect(await codeOf(executable.run(state, {}))).toBe('KERNEL_MISSING');
    await state.dispose();
    expect(memory().numTensors).toBe(tensors);
  });

  it('refuses state of another shape than declared', async () => {
    let grow = false;
    const executable = await engine.compile(
      program(({ x }) => ({ state: { x: grow ? tensor1d([1, 2]) : square(x!) }, outputs: {} })),
    );
    const state = await engine.upload({ x: vector(1, 2, 3) });
    grow = true;
    expect(await codeOf(executable.run(state, {}))).toBe('STATE_CHANGED');
    expect([...(await state.read())['x']!.data]).toEqual([1, 2, 3]);
  });

  it('lets a program read values, as a debugger would', async () => {
    const seen: number[] = [];
    const executable = await engine.compile(
      program(({ x }) => {
        seen.push(sum(x!).dataSync()[0]!);
        return { state: { x: add(x!, 1) }, outputs: { y: x! } };
      }),
    );
    expect(executable.outputs).toEqual({ y: VECTOR });
    const state = await engine.upload({ x: vector(1, 2, 3) });
    await executable.run(state, {});
    expect(seen.at(-1)).toBe(6);
  });

  it('gives the event loop a turn before each step', async () => {
    const executable = await engine.compile(
      program(({ x }) => ({ state: { x: square(x!) }, outputs: {} })),
    );
    const state = await engine.upload({ x: vector(1, 1, 1) });
    let turns = 0;
    const count = () => {
      turns += 1;
      if (turns < 20) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all(Array.from({ length: 10 }, () => executable.run(state, {})));
    expect(turns).toBeGreaterThanOrEqual(10);
  });
});
