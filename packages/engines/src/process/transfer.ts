import { BYTES_PER_ELEMENT, sizeOf, type TensorSpec } from '@eddy/core/tensor';

/** Of the arrays in one message. */
const BATCH_BYTES = 32 << 20;

/** Cuts names into batches of bounded size, in order, so that no message grows with the model. */
export function batches(
  names: readonly string[],
  specOf: (name: string) => TensorSpec,
): string[][] {
  const cut: string[][] = [];
  let room = 0;
  for (const name of names) {
    const spec = specOf(name);
    const bytes = sizeOf(spec.shape) * BYTES_PER_ELEMENT[spec.dtype];
    if (cut.length === 0 || bytes > room) {
      cut.push([]);
      room = BATCH_BYTES;
    }
    cut.at(-1)!.push(name);
    room -= bytes;
  }
  return cut;
}
