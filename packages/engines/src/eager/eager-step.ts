/** One run of a program's code on TF.js's current backend. */
import { tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { Program, SpecTree, TensorSpec, TensorTree } from '@eddy/tensor';

import { formatSpec, sameSpec } from '../contract/check-run.ts';
import { kernelMissing, stateChanged } from './errors.ts';

export interface StepTensors {
  readonly state: TensorTree;
  readonly outputs: TensorTree;
}

/**
 * Runs `program` in a tidy of its own; the tensors returned are the caller's to dispose.
 *
 * @param makeInputs  called inside the tidy.
 * @throws KERNEL_MISSING, STATE_CHANGED
 */
export function eagerStep(
  engine: string,
  program: Program,
  state: TensorTree,
  makeInputs: () => TensorTree,
  fetch: readonly string[] | 'all',
): StepTensors {
  try {
    return tidy(() => {
      const result = program.run(state, makeInputs());
      checkState(program, result.state);
      const names = fetch === 'all' ? Object.keys(result.outputs) : fetch;
      // Clones: a tensor may come back under two names, or be one of the state's.
      return {
        state: cloneAll(Object.entries(result.state)),
        outputs: cloneAll(names.map((name) => [name, result.outputs[name]!])),
      };
    });
  } catch (error) {
    const kernel = /^Kernel '(.*)' not registered for backend/.exec(
      String((error as Error).message),
    );
    if (kernel === null) throw error;
    throw kernelMissing({ kernel: kernel[1]!, engine, program: program.name, cause: error });
  }
}

export function specOf(tensor: Tensor): TensorSpec {
  return { shape: [...tensor.shape], dtype: tensor.dtype as TensorSpec['dtype'] };
}

function cloneAll(entries: readonly (readonly [string, Tensor])[]): Record<string, Tensor> {
  return Object.fromEntries(entries.map(([name, value]) => [name, value.clone()]));
}

function checkState(program: Program, state: TensorTree): void {
  const declared: SpecTree = program.state;
  for (const [name, value] of Object.entries(state)) {
    const expected = declared[name];
    const received = specOf(value);
    if (expected !== undefined && sameSpec(expected, received)) continue;
    throw stateChanged({
      program: program.name,
      name,
      expected: expected === undefined ? Object.keys(declared).join(', ') : formatSpec(expected),
      received: formatSpec(received),
    });
  }
}
