import '@tensorflow/tfjs-backend-wasm';
import type { Target } from '@eddy/compiler/testing';
import type { Engine, Executable } from '@eddy/core';
import type { HostTree } from '@eddy/tensor';

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
