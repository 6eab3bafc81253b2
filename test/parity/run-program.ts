/** Runs a program once, eagerly on the oracle or compiled by XLA. */
import type { Engine, HostTensor, HostTree, Program, TensorTree } from '@eddy/core';
import { setBackend, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';

import { NotYet, type ParityEngine } from './case-handler.ts';

export type PlainProgram = Omit<Program, 'state' | 'inputs' | 'run'> & {
  run(inputs: TensorTree): TensorTree;
};

/** The outputs of `f(inputs)`. Everything is an input: a fixture's call carries no state. */
export async function runProgram(
  name: string,
  inputs: HostTree,
  f: (inputs: TensorTree) => TensorTree,
  engine: ParityEngine,
): Promise<HostTree> {
  return engine === 'oracle' ? runEagerly(inputs, f) : runCompiled(name, inputs, f);
}

async function runEagerly(
  inputs: HostTree,
  f: (inputs: TensorTree) => TensorTree,
): Promise<HostTree> {
  await setBackend('cpu');
  return tidy(() => {
    const tensors = mapTree(inputs, toTensor);
    return mapTree(f(tensors), toHost);
  });
}

async function runCompiled(
  name: string,
  inputs: HostTree,
  f: (inputs: TensorTree) => TensorTree,
): Promise<HostTree> {
  const engine = await xlaEngine();
  const executable = await engine.compile({
    name,
    state: {},
    inputs,
    run: (_state, tensors) => ({ state: {}, outputs: f(tensors) }),
  });
  const state = await engine.upload({});
  try {
    return await executable.run(state, inputs, { fetch: Object.keys(executable.outputs) });
  } finally {
    await state.dispose();
    await executable.dispose();
  }
}

let xla: Promise<Engine> | undefined;

/** One XLA CPU engine in float32 for all cases; disposed with the process. */
function xlaEngine(): Promise<Engine> {
  xla ??= createXla();
  return xla;
}

async function createXla(): Promise<Engine> {
  const engines = (await import('@eddy/engines')) as unknown as Record<string, unknown>;
  const create = engines['createXlaEngine'];
  if (typeof create !== 'function') throw new NotYet('no XLA engine');
  return (create as (options: { precision: 'float32' }) => Promise<Engine>)({
    precision: 'float32',
  });
}

function toTensor({ data, shape, dtype }: HostTensor): Tensor {
  return tensor(data, [...shape], dtype);
}

function toHost(value: Tensor): HostTensor {
  return {
    shape: value.shape,
    dtype: value.dtype as HostTensor['dtype'],
    data: value.dataSync() as HostTensor['data'],
  };
}

function mapTree<A, B>(tree: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, f(value)]));
}
