/** Gaussian noise for the latents of a batch, drawn on the host: an input of the program. */
import type { Model } from '../contracts/model.ts';
import type { RandomStream } from '../random/random-stream.ts';
import { sizeOf, zeros, type HostTree, type TensorSpec } from '@eddy/tensor/spec';

/** The tensors of a model's carry that are latents: its float32 ones. */
export function latentsOf(model: Model): string[] {
  const carry = Object.entries(model.carry(1));
  return carry.filter(([, { dtype }]) => dtype === 'float32').map(([name]) => name);
}

/**
 *   noise ~ N(0, scale²), drawn for each example from `random.stream(example, step, latent)`
 *
 * so that an example's noise depends on neither the batch it is in nor its place there.
 *
 * @param firstExample  index of the batch's first row; row i is example firstExample + i
 * @param count  real rows; padding stays without noise
 */
export function latentNoise(args: {
  readonly model: Model;
  readonly batchSize: number;
  readonly latents: readonly string[];
  readonly scale: number;
  readonly random: RandomStream;
  readonly firstExample: number;
  readonly count: number;
  readonly step: number;
}): HostTree {
  const { model, latents, scale, random, firstExample, count, step } = args;
  const specs = model.carry(args.batchSize);
  const entries = latents.map((name) => {
    const tensor = zeros(specs[name]!);
    if (scale > 0) {
      const rows = rowsOf(specs[name]!, model.carryBatchAxis[name]!);
      const drawn = new Float32Array(rows.size);
      for (let row = 0; row < count; row++) {
        random.stream(firstExample + row, step, name).normals(drawn);
        rows.write(tensor.data as Float32Array, row, drawn, scale);
      }
    }
    return [name, tensor] as const;
  });
  return Object.fromEntries(entries);
}

/** Where the numbers of one row lie in a tensor whose batch is `axis`. */
function rowsOf({ shape }: TensorSpec, axis: number) {
  const numRows = shape[axis]!;
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  return {
    size: outer * inner,
    write(target: Float32Array, row: number, values: Float32Array, scale: number) {
      for (let o = 0; o < outer; o++) {
        const to = (o * numRows + row) * inner;
        for (let i = 0; i < inner; i++) target[to + i] = scale * values[o * inner + i]!;
      }
    },
  };
}
