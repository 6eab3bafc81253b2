/** Errors of the lowering to TensorFlow. */
import { EddyError } from '@eddy/tensor/errors';

import type { ValueSpec } from '../graph/graph.ts';
import { printSpec } from '../graph/print.ts';

export function tensorflowUnsupportedOp(op: string, because: string, output: ValueSpec): EddyError {
  return new EddyError({
    code: 'TENSORFLOW_UNSUPPORTED_OP',
    message: `engine tensorflow cannot run ${op}, because ${because}`,
    at: `a node that makes ${printSpec(output)}`,
    expected: 'a program of operations that TensorFlow has',
    received: op,
    fix: 'use the engine that compiles every operation that can be traced: `engine=xla-cpu`',
  });
}
