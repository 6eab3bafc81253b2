import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { sharedFolder } from '@eddy/core/testing';
import { beforeAll, beforeEach, expect, it } from 'vitest';

import { GraphBuilder } from '@eddy/compiler';
import { lowerTensorflow } from '@eddy/compiler/tensorflow';
import type { GraphArgument, GraphResult } from '@eddy/compiler/graph';
import type { Requests } from '../../process/protocol.ts';
import { TensorflowHost } from './tensorflow-host.ts';

/** As much of TensorFlow as additions need, and a count of its tensors. */
const BINDING = `
const tensors = new Map();
let next = 1;
const create = (data) => (tensors.set(next, data), next++);
module.exports = {
  TF_Version: '0', TF_FLOAT: 1, TF_INT32: 3, TF_BOOL: 10,
  failsAt: undefined,
  createTensor(shape, dtype, data) {
    if (this.failsAt === 'upload' && data[0] === 13) throw new Error('on purpose');
    return create(data);
  },
  deleteTensor(id) {
    if (!tensors.delete(id)) throw new Error('deleted twice: ' + id);
  },
  tensorDataSync(id) {
    if (this.failsAt === 'fetch') throw new Error('on purpose');
    return tensors.get(id).slice();
  },
  executeOp(op, attrs, [a, b]) {
    if (op !== 'AddV2') throw new Error('no ' + op);
    return [{ id: create(tensors.get(a).map((x, i) => x + tensors.get(b)[i])) }];
  },
  isUsingGpuDevice: () => false,
  getNumOfTensors: () => tensors.size,
};
`;

const folder = sharedFolder();
let libraryPath: string;
let binding: { failsAt: string | undefined; getNumOfTensors(): number };
beforeAll(() => {
  libraryPath = join(folder.path, 'binding.cjs');
  writeFileSync(libraryPath, BINDING);
  binding = createRequire(import.meta.url)(libraryPath) as typeof binding;
});

const spec = { shape: [2], dtype: 'float32' } as const;
const floats = (...values: number[]) => Float32Array.from(values);

let host: TensorflowHost;
/** Tensors before a run: what the program and the tree keep. */
let kept: number;
beforeEach(() => {
  binding.failsAt = undefined;
  host = new TensorflowHost();
  host.start({ libraryPath } as Requests['start']);
  const g = new GraphBuilder();
  const [x, a, b] = [g.input(spec), g.input(spec), g.input(spec)];
  const sum = g.binary('add', x, a);
  const args: GraphArgument[] = [
    { kind: 'state', name: 'x', spec },
    { kind: 'input', name: 'a', spec },
    { kind: 'input', name: 'b', spec },
  ];
  const results: GraphResult[] = [
    { kind: 'state', name: 'x', spec },
    { kind: 'output', name: 'y', spec },
  ];
  host.compile({
    executable: 1,
    code: {
      kind: 'instructions',
      block: lowerTensorflow(g.finish([sum, g.binary('add', sum, b)])),
    },
    arguments: args,
    results,
  } as unknown as Requests['compile']);
  host.write({ tree: 1, tensors: [{ name: 'x', spec }], zeros: [] }, [floats(1, 2)]);
  kept = binding.getNumOfTensors();
});

const run = (a: Float32Array, b: Float32Array) =>
  host.run({ executable: 1, tree: 1, bind: {}, fetch: ['y'] } as unknown as Requests['run'], [
    a,
    b,
  ]);
const stateOf = () => host.read({ tree: 1, names: ['x'] } as Requests['read']).arrays;

it('deletes inputs and outputs, and the state that it replaces', async () => {
  const { arrays } = await run(floats(10, 20), floats(100, 100));
  expect(arrays).toEqual([floats(111, 122)]);
  expect(stateOf()).toEqual([floats(11, 22)]);
  expect(binding.getNumOfTensors()).toBe(kept);
});

it.each([
  ['upload', floats(10, 20), floats(13, 0)],
  ['fetch', floats(10, 20), floats(100, 100)],
])('leaves no tensor behind and the state alone when the %s fails', async (failsAt, a, b) => {
  binding.failsAt = failsAt;
  await expect(run(a, b)).rejects.toThrow('on purpose');
  expect(binding.getNumOfTensors()).toBe(kept);
  binding.failsAt = undefined;
  expect(stateOf()).toEqual([floats(1, 2)]);
});
