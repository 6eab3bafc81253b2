/** The compiler in one call. */
import type { Precision, Program, SpecTree, TensorTree } from '@eddy/tensor';

import { compilerTraits, lowerProgram, type CompilerTraits } from './lower-program.ts';
import type { LoweredProgram } from '../stablehlo/lowered-program.ts';

/** A pure function of named tensors in TF.js code. */
export interface TensorFunction {
  /** The name of the module; `main` by default. */
  readonly name?: string;
  readonly inputs: SpecTree;
  run(inputs: TensorTree): TensorTree;
}

export interface StableHloOptions {
  /**
   * Whose compiler reads the text.
   *
   * - `any` (the default): nothing but StableHLO and CHLO.
   * - `xla-cpu`: written so that XLA:CPU makes fast code of it. Where `takesTrue` of the result says so,
   *   the module takes one more argument, a bool that is true.
   * - `xla-gpu`: may hold custom calls of cuDNN, in bf16-mixed.
   */
  readonly target?: 'any' | 'xla-cpu' | 'xla-gpu';
  /** `bf16-mixed` rounds what `bfloat16(x)` of @eddy/tensor marks; `float32` (the default) nothing. */
  readonly precision?: Precision;
}

const ANY: CompilerTraits = {
  barriers: 'none',
  products: 'any',
  libraryProducts: [],
  rounding: 'convert',
  atan2: 'call',
  recomputes: 'what-is-asked',
  composites: {},
};

/**
 * Compiles TF.js code to a module of StableHLO with a public function `main`.
 *
 * The code runs twice, with tensors that stand for values, and what it did becomes the module: gradients
 * by `tf.grads`, loops by `repeat` of @eddy/tensor. Arguments and results are in the order of `arguments`
 * and `results`. The state of a `Program` comes before its inputs, and a state tensor that the program
 * returns takes over its buffer (`tf.aliasing_output`).
 *
 * @throws EddyError: TRACE_VALUE_READ, TRACE_NOT_DETERMINISTIC, TRACE_FOREIGN_TENSOR, TRACE_UNSUPPORTED_OP,
 *   TRACE_UNSUPPORTED_DTYPE, TRACE_ESCAPED_TENSOR, TRACE_REPEAT_STATE, TRACE_RESULT_MISMATCH, each with the
 *   line of the code, what was expected, and a fix.
 */
export function toStableHlo(code: TensorFunction, options?: StableHloOptions): LoweredProgram;
export function toStableHlo(code: Program, options?: StableHloOptions): LoweredProgram;
export function toStableHlo(
  code: TensorFunction | Program,
  { target = 'any', precision = 'float32' }: StableHloOptions = {},
): LoweredProgram {
  const traits = target === 'any' ? ANY : compilerTraits(target === 'xla-cpu' ? 'cpu' : 'cuda', []);
  const program = 'state' in code ? code : programOf(code);
  const { requireSameTrace, ...lowered } = lowerProgram(program, { ...traits, precision });
  requireSameTrace();
  return lowered;
}

function programOf(code: TensorFunction): Program {
  return {
    name: code.name ?? 'main',
    state: {},
    inputs: code.inputs,
    run: (_state, inputs) => ({ state: {}, outputs: code.run(inputs) }),
  };
}
