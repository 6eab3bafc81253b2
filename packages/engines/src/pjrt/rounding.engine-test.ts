import { bfloat16, type Program } from '@eddy/tensor';
import { matMul, ones } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { roundToBfloat16 } from '@eddy/compiler/testing';
import type { HostedEngine } from '../process/hosted-engine.ts';
import { testXlaEngine } from '../testing/test-engines.ts';

/** Upper halves of every sign and exponent, with lower ones around a tie; no denormals, which products take for 0. */
function everyKindOfNumber(): Float32Array {
  const uppers = Array.from({ length: 2 ** 9 }, (_, i) => i << 7);
  const odd = [0, 1, 0x7e, 0x7f];
  const lowers = [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff];
  const bits = uppers.flatMap((upper) =>
    odd.flatMap((low) => lowers.map((lower) => ((upper | low) << 16) | lower)),
  );
  const numbers = new Float32Array(Int32Array.from(bits).buffer);
  return numbers.filter((x) => x === 0 || !(Math.abs(x) < 2 ** -126));
}

describe('rounding to bfloat16 on a CPU', () => {
  let engine: HostedEngine;
  beforeAll(async () => {
    engine = await testXlaEngine({ precision: 'bf16-mixed', cacheFolder: null });
  });
  afterAll(() => engine.dispose());

  it('is to the nearest and to even, for numbers of every exponent, infinities and NaN', async () => {
    const data = everyKindOfNumber();
    const spec = { shape: [data.length, 1], dtype: 'float32' } as const;
    const program: Program = {
      name: 'round',
      state: {},
      inputs: { x: spec },
      run: (_state, { x }) => ({
        state: {},
        outputs: { y: matMul(bfloat16(x!), bfloat16(ones([1, 1]))) },
      }),
    };
    const executable = await engine.compile(program);
    const outputs = await executable.run(
      await engine.upload({}),
      { x: { ...spec, data } },
      { fetch: ['y'] },
    );
    // A sum that starts at 0 has no -0; whether it does is the processor's kernel's to say.
    const withoutMinus0 = (x: number) => x + 0;
    const expected = data.map(roundToBfloat16).map(withoutMinus0);
    expect(outputs['y']!.data.map(withoutMinus0)).toEqual(expected);
  });
});
