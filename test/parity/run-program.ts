/** Runs programs without state, op by op on the oracle or compiled by XLA. */
import type { HostTree, Program, TensorTree } from '@eddy/tensor';

import type { ParityEngine } from './case-handler.ts';
import { engineFor } from './engine-for.ts';

export interface CompiledProgram {
  /** All outputs. */
  run(inputs: HostTree): Promise<HostTree>;
  dispose(): Promise<void>;
}

export async function compileProgram(
  program: Program,
  engineName: ParityEngine,
): Promise<CompiledProgram> {
  const engine = await engineFor(engineName);
  const executable = await engine.compile(program);
  const state = await engine.upload({});
  return {
    run: (inputs) => executable.run(state, inputs, { fetch: Object.keys(executable.outputs) }),
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
  const program: Program = {
    name,
    state: {},
    inputs,
    run: (_state, tensors) => ({ state: {}, outputs: f(tensors) }),
  };
  const compiled = await compileProgram(program, engineName);
  try {
    return await compiled.run(inputs);
  } finally {
    await compiled.dispose();
  }
}
