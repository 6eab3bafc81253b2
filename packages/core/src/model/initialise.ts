import type { RandomStream } from '../random/random-stream.ts';
import { sizeOf } from '@eddy/tensor/spec';
import type { ParameterSpec } from '../contracts/model.ts';

/** Standard deviation of a standard normal cut off at ±2: its inverse restores the variance. */
const STD_WITHIN_TWO = 0.8796256610342398;

/**
 * First values of a parameter.
 *
 * `truncated-normal` is normal(0, c) conditioned on ±2c, with c such that the standard deviation is
 * `std` (c = 1.1368…·std), by drawing again what falls outside.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 models/common.py `trunc_normal_init_`
 */
export function initialise(spec: ParameterSpec, random: RandomStream): Float32Array {
  const values = new Float32Array(sizeOf(spec.shape));
  const { init } = spec;
  if (init.kind === 'constant') return values.fill(init.value);
  const scale = init.std / STD_WITHIN_TWO;
  const drawn = new Float32Array(1024);
  for (let filled = 0; filled < values.length;) {
    random.normals(drawn);
    for (let i = 0; i < drawn.length && filled < values.length; i++) {
      if (Math.abs(drawn[i]!) <= 2) values[filled++] = drawn[i]! * scale;
    }
  }
  return values;
}
