/** Errors of the ONNX export. */
import { EddyError } from '@eddy/tensor/errors';

import type { ValueSpec } from '../graph/graph.ts';
import { printSpec } from '../graph/print.ts';

export function onnxUnsupportedOp(op: string, because: string, output: ValueSpec): EddyError {
  return new EddyError({
    code: 'ONNX_UNSUPPORTED_OP',
    message: `${op} cannot be exported to ONNX, because ${because}`,
    at: `a node that makes ${printSpec(output)}`,
    expected: 'a supervision step of operators that ONNX has',
    received: op,
    fix: 'export the weights alone, `--format safetensors`, or write the model without it',
  });
}

export function onnxTooLarge(bytes: number, limit: number): EddyError {
  return new EddyError({
    code: 'ONNX_TOO_LARGE',
    message: 'the weights do not fit into one ONNX file',
    expected: `at most ${limit} bytes`,
    received: `${bytes} bytes`,
    fix: 'export the weights alone: `--format safetensors`',
  });
}
