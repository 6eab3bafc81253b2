/** Errors of NumPy files. */
import { EddyError } from '@eddy/tensor/errors';

export function npyInvalid(file: string, received: string, cause?: unknown): EddyError {
  return new EddyError({
    code: 'NPY_INVALID',
    message: 'the file is not an integer array that Eddy can read',
    at: file,
    expected: '.npy, little endian, C order, dtype uint8, int32 or int64',
    received,
    fix: `write it again from the original: numpy.save('${file}', array.astype(numpy.int32)); or copy the folder again`,
    cause,
  });
}
