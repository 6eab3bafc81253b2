import { EddyError } from '@eddy/tensor/errors';
import { expect } from 'vitest';

/** The error that a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<EddyError> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EddyError);
  return error as EddyError;
}
