import '@tensorflow/tfjs-backend-wasm';
import type { Engine, Executable } from '@eddy/core';
import type { HostTree, Precision, Program } from '@eddy/tensor';

import { interpret } from '@eddy/compiler';
import { optimise } from '@eddy/compiler';
import { trace } from '@eddy/compiler';

import { runOnTfjs } from '@eddy/compiler/testing';

/** Something that runs a program without state once. */
export interface Target {
  readonly name: string;
  run(program: Program, inputs: HostTree): Promise<HostTree>;
}

export function tfjsTarget(backend: string): Target {
  return {
    name: backend,
    run: async (program, inputs) => (await runOnTfjs(backend, program, {}, inputs)).outputs,
  };
}

/** The interpreter on the traced graph, optimised or as it was traced. */
export function interpreterTarget(precision?: Precision): Target {
  return {
    name: 'interpreter',
    run: (program, inputs) => {
      const traced = trace(program);
      const graph = precision === undefined ? traced : optimise(traced, { precision });
      return Promise.resolve(interpret(graph, {}, inputs).outputs);
    },
  };
}

export function engineTarget(engine: Engine): Target {
  return {
    name: engine.info.name,
    async run(program, inputs) {
      return runOnce(engine, await engine.compile(program), inputs);
    },
  };
}

/** All outputs of an executable without state, which is freed. */
export async function runOnce(
  engine: Engine,
  executable: Executable,
  inputs: HostTree,
): Promise<HostTree> {
  const state = await engine.upload({});
  try {
    return await executable.run(state, inputs, { fetch: Object.keys(executable.outputs) });
  } finally {
    await state.dispose();
    await executable.dispose();
  }
}
