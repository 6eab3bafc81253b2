/** Every operation that the compiler traces, as a page computes it, against the right values. */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';

import { interpret, optimise, trace } from '@eddy/compiler';
import { lowerTensorflow } from '@eddy/compiler/tensorflow';
import {
  checkOp,
  difference,
  opCases,
  randomGraph,
  tracedGraph,
  type Target,
} from '@eddy/compiler/testing';
import '@tensorflow/tfjs-backend-cpu';
import { memory, setBackend, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { HostTensor, HostTree } from '@eddy/tensor';
import { beforeAll, describe, expect, it } from 'vitest';

import { disposeBlock, loadBlock, runBlock } from './load-block.ts';

beforeAll(() => {
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(main)}${sep}`);
});

type Traced = ReturnType<typeof trace>;

async function runTraced(backend: string, traced: Traced, inputs: HostTree): Promise<HostTree> {
  await setBackend(backend);
  const before = memory().numTensors;
  const loaded = loadBlock(lowerTensorflow(traced.graph));
  const operands = traced.arguments.map(({ name }) => {
    const { data, shape, dtype } = inputs[name]!;
    return tensor(data.slice(), [...shape], dtype);
  });
  let results: readonly Tensor[] = [];
  try {
    results = runBlock(loaded, operands);
    return Object.fromEntries(
      traced.results.map(({ name }, i) => [name, hostTensor(results[i]!)] as const),
    );
  } finally {
    for (const value of [...operands, ...results]) value.dispose();
    disposeBlock(loaded);
    if (results.length > 0) expect(memory().numTensors).toBe(before);
  }
}

function hostTensor(value: Tensor): HostTensor {
  const data = value.dataSync().slice() as HostTensor['data'];
  return { shape: value.shape, dtype: value.dtype as HostTensor['dtype'], data };
}

const target = (backend: string): Target => ({
  name: backend,
  run: (program, inputs) =>
    runTraced(backend, optimise(trace(program), { precision: 'float32' }), inputs),
});

/** What a page computes otherwise than an engine. Each is asserted to fail, so that a repair is noticed. */
const GAPS: Readonly<Record<string, readonly (readonly [op: string, name: string])[]>> = {
  wasm: [
    // Arguments like 1e30 are not reduced.
    ['sin', 'special values'],
    ['cos', 'special values'],
    // NaN on the right is lost.
    ['maximum', 'NaN'],
    ['minimum', 'NaN'],
    // Quotients of integers beyond 2²⁴ are rounded.
    ['floorDiv', 'int32, extremes'],
  ],
  cpu: [],
};

describe.each(['wasm', 'cpu'])('operations in a page on %s', (backend) => {
  for (const opCase of opCases) {
    const isGap = GAPS[backend]!.some(([op, name]) => op === opCase.op && name === opCase.name);
    it(`${opCase.op}, ${opCase.name}${isGap ? ' (gap)' : ''}`, async () => {
      const problem = await checkOp(opCase, 'value', target(backend));
      if (isGap) expect(problem).toBeDefined();
      else expect(problem).toBeUndefined();
    });
  }
});

describe('random graphs in a page on wasm', () => {
  it('give what the interpreter gives', async () => {
    let compared = 0;
    for (let seed = 0; seed < 150; seed++) {
      const { graph, inputs } = randomGraph(drawsOf(seed), { tries: 12 });
      const traced = optimise(tracedGraph(graph), { precision: 'float32' });
      const expected = interpret(traced, {}, inputs).outputs;
      if (Object.values(expected).some(({ data }) => [...data].some(isExtreme))) continue;
      const received = await runTraced('wasm', traced, inputs).catch(unlessUnsupported);
      if (received === undefined) continue;
      const found = difference(expected, received, { relative: 1e-3, absolute: 1e-4 });
      expect(found, `seed ${seed}`).toBeUndefined();
      compared += 1;
    }
    expect(compared).toBeGreaterThan(50);
  });
});

/** Values that kernels are known to treat in ways of their own. */
function isExtreme(x: number): boolean {
  return !(Math.abs(x) < 1e6);
}

/**
 * TensorFlow's raw operations express a few nodes in some forms only, such as pooling over the batch, and the kernels
 * refuse to divide integers by 0.
 */
function unlessUnsupported(error: unknown): undefined {
  if ((error as Error).message === 'divide by zero') return;
  if ((error as { code?: string }).code !== 'TENSORFLOW_UNSUPPORTED_OP') throw error;
}

/** A linear congruential generator: the same graphs in every run. */
function drawsOf(seed: number): (below: number) => number {
  let state = seed + 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
