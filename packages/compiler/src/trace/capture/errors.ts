/** What user code can do wrong while it is traced; one factory a code. */
import { EddyError } from '@eddy/tensor/errors';

import { adviceFor, LEFT_OUT } from './left-out.ts';

export function traceValueRead(read: string, at: string): EddyError {
  return new EddyError({
    code: 'TRACE_VALUE_READ',
    message: `${read} reads a tensor's value while the program is traced`,
    at,
    expected: 'TF.js operations only: no value exists before the compiled program runs',
    fix: 'return the tensor as an output of the program, or use tf.where instead of branching on it',
  });
}

export function traceNotDeterministic(program: string, difference: string): EddyError {
  return new EddyError({
    code: 'TRACE_NOT_DETERMINISTIC',
    message: `tracing ${program} twice gave two different graphs`,
    received: difference,
    expected: 'the same graph: a random number or a clock would be frozen into the program',
    fix: 'draw random numbers on the host (RandomStream) and pass them, and whatever changes from step to step, as inputs',
  });
}

export function traceForeignTensor(spec: string, at: string): EddyError {
  return new EddyError({
    code: 'TRACE_FOREIGN_TENSOR',
    message: 'a tensor made outside of the traced program is used inside it',
    at,
    received: spec,
    expected: 'tensors of the state, of the inputs, or made while the program runs',
    fix: 'make the tensor inside the program, or declare it as state or input',
  });
}

export function traceDisposedTensor(spec: string, at: string): EddyError {
  return new EddyError({
    code: 'TRACE_DISPOSED_TENSOR',
    message: 'a tensor is used after it was disposed',
    at,
    received: spec,
    fix: 'tf.tidy and tf.valueAndGrads dispose what their function does not return: return it, or call tf.keep on it',
  });
}

export function traceShapeMismatch(facts: {
  readonly kernelName: string;
  readonly rule: string;
  readonly received: string;
  readonly at: string;
}): EddyError {
  return new EddyError({
    code: 'TRACE_SHAPE_MISMATCH',
    message: `operands do not fit the operation ${facts.kernelName}`,
    at: facts.at,
    expected: facts.rule,
    received: facts.received,
    fix: 'print the shapes of the operands before this line: they are known while tracing',
  });
}

export function traceUnsupportedOp(kernelName: string, at: string): EddyError {
  const because = LEFT_OUT[kernelName]?.because;
  return new EddyError({
    code: 'TRACE_UNSUPPORTED_OP',
    message: `the TF.js kernel ${kernelName} cannot be traced${because === undefined ? '' : `: ${because}`}`,
    at,
    fix: adviceFor(kernelName),
  });
}

export function traceUnsupportedDType(dtype: string, at: string): EddyError {
  return new EddyError({
    code: 'TRACE_UNSUPPORTED_DTYPE',
    message: `a tensor of dtype ${dtype} cannot be traced`,
    at,
    expected: 'float32, int32 or bool',
    received: dtype,
    fix:
      dtype === 'complex64'
        ? 'take the parts with tf.real and tf.imag: few operations take complex numbers'
        : 'convert the values on the host',
  });
}

export function traceEscapedTensor(spec: string, at: string): EddyError {
  return new EddyError({
    code: 'TRACE_ESCAPED_TENSOR',
    message: 'a tensor made inside the body of repeat is used outside of it',
    at,
    received: spec,
    fix: 'return the tensor from the body',
  });
}

export function traceBadRepeat(expected: string, received: string, at: string): EddyError {
  return new EddyError({
    code: 'TRACE_REPEAT_STATE',
    message: 'the body of repeat must return its state with the shapes and dtypes it was given',
    at,
    expected,
    received,
    fix: 'return one tensor for each tensor of the state, in the same order',
  });
}

export function traceBadResult(
  program: string,
  what: string,
  expected: string,
  received: string,
): EddyError {
  return new EddyError({
    code: 'TRACE_RESULT_MISMATCH',
    message: `${program} returned ${what} that does not fit its declaration`,
    expected,
    received,
    fix: 'return the tensor that `Program.state` declares, or correct the declaration',
  });
}
