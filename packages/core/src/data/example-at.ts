import type { Example, ExampleBuffer, Split } from '../contracts/dataset.ts';

/** Example `index` of a split; its tokens are views. */
export function exampleAt(split: Split, index: number): Example {
  const from = index * split.seqLen;
  const to = from + split.seqLen;
  const input = split.inputs.subarray(from, to);
  const label = split.labels.subarray(from, to);
  const rating = split.ratings?.[index] ?? Number.NaN;
  return Number.isNaN(rating) ? { input, label } : { input, label, rating };
}

export function exampleBuffer(seqLen: number): ExampleBuffer {
  return { input: new Uint8Array(seqLen), label: new Uint8Array(seqLen) };
}
