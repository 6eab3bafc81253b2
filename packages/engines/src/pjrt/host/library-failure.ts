import type { Failure } from '../../process/protocol.ts';
import { PjrtError } from '../binding/pjrt-error.ts';

/** An error as the plugin's own, where it is that. */
export function libraryFailure(error: unknown): Failure | undefined {
  return error instanceof PjrtError
    ? { kind: 'library', code: error.code, call: error.call, message: error.message }
    : undefined;
}
