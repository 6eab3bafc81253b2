import { describe, expect, it } from 'vitest';

import { GraphBuilder } from '../graph/builder.ts';
import { interpretGraph } from '../interpreter/interpret.ts';
import { expandAtan2 } from './expand-atan2.ts';

const SPECIAL = [0, -0, 1, -1, 0.3, -0.3, 1e-10, 1e10, -2e38, 3e38, Infinity, -Infinity, NaN];

function expanded(ys: readonly number[], xs: readonly number[]): Float32Array {
  const b = new GraphBuilder();
  const spec = { shape: [ys.length], dtype: 'float32' } as const;
  const [y, x] = [b.input(spec), b.input(spec)];
  const graph = expandAtan2(b.finish([b.emit('atan2', [y, x])]));
  expect(graph.nodes.map(({ op }) => op)).not.toContain('atan2');
  return interpretGraph(graph, [Float32Array.from(ys), Float32Array.from(xs)])[0] as Float32Array;
}

describe('atan2 written out', () => {
  it('is that of Math within 3 units in the last place, all around', () => {
    const angles = Array.from({ length: 2000 }, (_, i) => (i / 1000) * Math.PI + 1e-3);
    const ys = angles.map((angle, i) => Math.fround(Math.sin(angle) * 2 ** ((i % 40) - 20)));
    const xs = angles.map((angle, i) => Math.fround(Math.cos(angle) * 2 ** ((i % 40) - 20)));
    const actual = expanded(ys, xs);
    ys.forEach((y, i) => {
      const exact = Math.atan2(y, xs[i]!);
      const unit = 2 ** (Math.floor(Math.log2(Math.abs(exact))) - 23);
      expect(Math.abs(actual[i]! - exact), `atan2(${y}, ${xs[i]})`).toBeLessThanOrEqual(3 * unit);
    });
  });

  it('keeps the signs of zeros and infinities, and NaN', () => {
    const ys = SPECIAL.flatMap((y) => SPECIAL.map(() => y));
    const xs = SPECIAL.flatMap(() => SPECIAL);
    const actual = expanded(ys, xs);
    ys.forEach((y, i) => {
      const exact = Math.fround(Math.atan2(y, xs[i]!));
      const name = `atan2(${y}, ${xs[i]})`;
      if (Number.isNaN(exact)) expect(actual[i], name).toBeNaN();
      else if (exact === 0) expect(Object.is(actual[i], exact), name).toBe(true);
      else expect(actual[i]! / exact, name).toBeCloseTo(1, 6);
    });
  });
});
