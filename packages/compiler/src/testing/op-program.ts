import { addN, cast, grads, mul, sum, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { type HostTree, type Program, type TensorTree } from '@eddy/tensor';

import { floats, type OpCase } from './op-cases/op-case.ts';

/**
 * A case as a program: results `value.i` and, where the case has a gradient, `gradient.i` of
 * Σ weightsₖ · valueₖ with respect to input i.
 */
export function opProgram(opCase: OpCase, parts: { readonly gradient: boolean }): Program {
  return {
    name: `${opCase.op}: ${opCase.name}`,
    state: {},
    inputs: opInputs(opCase),
    run(_state, inputs) {
      const operands = opCase.inputs.map((_, i) => inputs[`input.${i}`]!);
      const outputs: TensorTree = {};
      if (parts.gradient) {
        gradients(opCase, operands).forEach((gradient, i) => {
          outputs[`gradient.${floatIndices(opCase)[i]!}`] = gradient;
        });
      } else {
        valuesOf(opCase, operands).forEach((value, i) => (outputs[`value.${i}`] = value));
      }
      return { state: {}, outputs };
    },
  };
}

export function opInputs(opCase: OpCase): HostTree {
  return Object.fromEntries(opCase.inputs.map((input, i) => [`input.${i}`, input]));
}

/** Inputs that have a gradient. */
export function floatIndices(opCase: OpCase): number[] {
  return opCase.inputs.flatMap(({ dtype }, i) => (dtype === 'float32' ? [i] : []));
}

/** Weights of a result in the sum that is differentiated: different for each element. */
export function weightsOf(shape: readonly number[]): Float32Array {
  return floats(shape, 0.5, 1.5).data as Float32Array;
}

function valuesOf(opCase: OpCase, operands: readonly Tensor[]): Tensor[] {
  const result = opCase.f(...operands);
  return Array.isArray(result) ? result : [result];
}

function gradients(opCase: OpCase, operands: readonly Tensor[]): Tensor[] {
  const variable = floatIndices(opCase);
  const weighted = (...varied: Tensor[]) => {
    const all = [...operands];
    variable.forEach((index, i) => (all[index] = varied[i]!));
    const terms = valuesOf(opCase, all).map((value) => {
      const weights = tensor(weightsOf(value.shape), value.shape);
      return sum(mul(cast(value, 'float32'), weights));
    });
    return addN(terms);
  };
  return grads(weighted)(variable.map((index) => operands[index]!));
}
