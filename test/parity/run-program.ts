/** Runs a function of named tensors, op by op on the oracle or compiled by XLA. */
import type { HostTree, SpecTree, TensorTree } from '@eddy/core';

import type { ParityEngine } from './case-handler.ts';
import { engineFor } from './engine-for.ts';

export interface CompiledFunction {
  /** All outputs. */
  run(inputs: HostTree): Promise<HostTree>;
  dispose(): Promise<void>;
}

export async function compileFunction(
  name: string,
  inputs: SpecTree,
  f: (inputs: TensorTree) => TensorTree,
  engineName: ParityEngine,
): Promise<CompiledFunction> {
  const engine = await engineFor(engineName);
  const executable = await engine.compile({
    name,
    state: {},
    inputs,
    run: (_state, tensors) => ({ state: {}, outputs: f(tensors) }),
  });
  const state = await engine.upload({});
  return {
    run: (values) => executable.run(state, values, { fetch: Object.keys(executable.outputs) }),
    async dispose() {
      await state.dispose();
      await executable.dispose();
    },
  };
}

/** The outputs of `f(inputs)`, run once. */
export async function runFunction(
  name: string,
  inputs: HostTree,
  f: (inputs: TensorTree) => TensorTree,
  engineName: ParityEngine,
): Promise<HostTree> {
  const compiled = await compileFunction(name, inputs, f, engineName);
  try {
    return await compiled.run(inputs);
  } finally {
    await compiled.dispose();
  }
}
