/** `composite` of @eddy/tensor: the target's kernel, or the body as if it were written out. */
import { engine, type KernelFunc } from '@tensorflow/tfjs-core';
import type { CompositeBody, CompositeName } from '@eddy/tensor';

import type { CaptureBackend } from '../capture/capture-backend.ts';
import { inTidy } from '../capture/in-tidy.ts';

export const compositeKernel: KernelFunc = ({ inputs, attrs, backend: anyBackend }) => {
  const backend = anyBackend as CaptureBackend;
  const { name, numbers, body } = attrs as unknown as {
    name: CompositeName;
    numbers: Readonly<Record<string, number>>;
    body: CompositeBody;
  };
  const operands = Object.values(inputs).map((tensor) => backend.valueFor(tensor!));
  const results =
    backend.composites[name]?.(backend.scope.builder, operands, numbers) ??
    inTidy(() => {
      const tensors = operands.map((value) =>
        engine().makeTensorFromTensorInfo(backend.tensorInfo(value)),
      );
      return body(tensors).map((tensor) => backend.valueFor(tensor));
    });
  return results.map((value) => backend.tensorInfo(value));
};
