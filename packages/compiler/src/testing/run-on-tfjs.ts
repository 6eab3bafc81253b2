import { engine, setBackend, tensor, type Tensor } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';
import type { DType, HostTensor, HostTree, Program, TensorTree } from '@eddy/tensor';

import { inTidy } from '../trace/capture/in-tidy.ts';

/** Runs a program operation by operation on a TF.js backend: the oracle (`cpu`) of everything else. */
export async function runOnTfjs(
  backend: string,
  program: Program,
  state: HostTree,
  inputs: HostTree,
): Promise<{ readonly state: HostTree; readonly outputs: HostTree }> {
  const previous = engine().backendName as string | null | undefined;
  await setBackend(backend);
  try {
    return inTidy(() => {
      const upload = (tree: HostTree): TensorTree =>
        Object.fromEntries(
          Object.entries(tree).map(([name, { data, shape, dtype }]) => [
            name,
            tensor(data.slice(), [...shape], dtype),
          ]),
        );
      const result = program.run(upload(state), upload(inputs));
      return { state: download(result.state), outputs: download(result.outputs) };
    });
  } finally {
    await setBackend(previous ?? 'cpu');
  }
}

function download(tree: TensorTree): HostTree {
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, hostTensor(value)]));
}

function hostTensor(value: Tensor): HostTensor {
  const data = value.dataSync<'float32'>().slice() as HostTensor['data'];
  const host: HostTensor = { shape: [...value.shape], dtype: value.dtype as DType, data };
  if (value.kept) value.dispose();
  return host;
}
