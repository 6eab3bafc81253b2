import type { Model } from '@eddy/core';
import { stepProgram } from '@eddy/core/testing';
import { profile, tensor, tidy, type TensorContainer } from '@tensorflow/tfjs-core';

/** Kernels that the backward pass of one step runs, op by op. */
export async function countBackwardKernels(model: Model, seqLen: number): Promise<number> {
  return (await countKernels(model, seqLen, true)) - (await countKernels(model, seqLen, false));
}

async function countKernels(model: Model, seqLen: number, training: boolean): Promise<number> {
  const program = stepProgram(model, { batchSize: 1, seqLen, training });
  const { kernels } = await profile(() =>
    tidy(() => {
      const inputs = Object.fromEntries(
        Object.entries(program.inputs).map(([name, { shape, dtype }]) => {
          const data = Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0);
          return [name, tensor(data, [...shape], dtype)];
        }),
      );
      program.run({}, inputs);
      return [] as TensorContainer;
    }),
  );
  return kernels.length;
}
