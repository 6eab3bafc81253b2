/** Programs that users run on an engine by themselves. */
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';
import { trace } from '@eddy/compiler';
import { add, cast, concat, einsum, engine, slice, tensor1d, type Tensor } from '@tensorflow/tfjs-core'; // prettier-ignore
import type { Program } from '@eddy/tensor';

import { createEagerEngine } from '../../packages/engines/src/eager/eager-engine.ts';
import { followFixes, program, type FixCase } from './fix-case.ts';

const VECTOR = { shape: [3], dtype: 'float32' } as const;
const vector = (length = 3) => ({ ...VECTOR, shape: [length], data: new Float32Array(length) });

const squares = (x: Tensor) => add(x, einsum('i,i->', x, x));
const counted = (x: Tensor) => {
  const one = (value: number) => tensor1d([value], 'int32');
  const inputs = { starts: one(0), limits: one(2), deltas: one(1) };
  const [, values] = engine().runKernel('RaggedRange', inputs) as unknown as [Tensor, Tensor];
  return slice(concat([cast(values!, 'float32'), x]), [0], [3]);
};

async function runOn(backend: 'cpu' | 'wasm', wanted: Program): Promise<void> {
  const own = await createEagerEngine({ backend });
  await (await own.compile(wanted)).run(await own.upload({ x: vector() }), {});
}

/** Programs that users run on an engine by themselves. */
function programCases(): FixCase[] {
  const plus = (run: (x: Tensor) => Tensor = (x) => add(x, 1)): Program => ({
    name: 'plus',
    state: { x: VECTOR },
    inputs: {},
    run: ({ x }) => ({ state: { x: run(x!) }, outputs: {} }),
  });
  const cpu = () => createEagerEngine({ backend: 'cpu' });
  const two: Program = {
    name: 'two',
    state: { a: VECTOR, b: VECTOR },
    inputs: {},
    run: ({ a, b }) => ({ state: { a: add(a!, 1), b: add(b!, 1) }, outputs: {} }),
  };
  return [
    program({
      code: 'STATE_MISSING',
      when: 'a tensor was not put on the device',
      raise: async () => {
        const own = await cpu();
        return (await own.compile(plus())).run(await own.upload({}), {});
      },
      says: '`tree.write({ "x": … })`',
      followed: async () => {
        const own = await cpu();
        const tree = await own.upload({});
        await tree.write({ x: vector() });
        await (await own.compile(plus())).run(tree, {});
      },
    }),
    program({
      code: 'INPUT_MISMATCH',
      when: 'a tensor has another length',
      raise: async () => {
        const own = await cpu();
        return (await own.compile(plus())).run(await own.upload({ x: vector(4) }), {});
      },
      says: /give x as float32\[3\]/,
      followed: async () => {
        const own = await cpu();
        await (await own.compile(plus())).run(await own.upload({ x: vector(3) }), {});
      },
    }),
    program({
      code: 'BIND_CONFLICT',
      when: 'two names are bound to one tensor',
      raise: async () => {
        const own = await cpu();
        const tree = await own.upload({ a: vector() });
        return (await own.compile(two)).run(tree, {}, { bind: { b: 'a' } });
      },
      says: /write a tensor for each/,
      followed: async () => {
        const own = await cpu();
        const tree = await own.upload({ a: vector() });
        await tree.write({ b: vector() });
        await (await own.compile(two)).run(tree, {});
      },
    }),
    program({
      code: 'STATE_CHANGED',
      when: 'a program returns its state in another shape',
      raise: async () => {
        let isWrong = false;
        const own = await cpu();
        const executable = await own.compile(
          plus((x) => (isWrong ? add(x, [[1], [2]]).reshape([6]) : add(x, 1))),
        );
        isWrong = true;
        return executable.run(await own.upload({ x: vector() }), {});
      },
      says: /return x as .*\[3\]/,
      followed: async () => {
        const own = await cpu();
        await (await own.compile(plus())).run(await own.upload({ x: vector() }), {});
      },
    }),
    program({
      code: 'KERNEL_MISSING',
      when: 'a backend lacks a kernel that compiled programs have',
      raise: () => runOn('wasm', plus(squares)),
      says: '`engine=xla-cpu`',
      // What is traced is compiled.
      followed: () => trace(plus(squares)),
    }),
    program({
      code: 'KERNEL_MISSING',
      when: 'a backend lacks a kernel that no compiled program has',
      raise: () => runOn('wasm', plus(counted)),
      says: 'use engine cpu, which has this kernel',
      followed: () => runOn('cpu', plus(counted)),
    }),
  ];
}

followFixes('programs on engines', programCases());
