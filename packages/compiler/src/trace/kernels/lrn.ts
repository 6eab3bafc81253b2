/** Local response normalization: each channel over the squares of its neighbours. */
import type { LRNAttrs, LRNGradAttrs } from '@tensorflow/tfjs-core';

import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

import type { KernelTable } from './kernel.ts';

/** The sum of x over the channels within `radius` of each, as a product with a band of ones. */
function overNeighbours(b: GraphBuilder, x: Value, radius: number): Value {
  const channels = x.shape.at(-1)!;
  const shape = [channels, channels];
  const counts = (axis: number) => b.emit('iota', [], { shape, dtype: 'int32', axis });
  const distance = b.emit('abs', [b.binary('subtract', counts(0), counts(1))]);
  const isNear = b.compare('le', distance, b.fillLike(distance, radius));
  return b.emit('dot', [x, b.convert(isNear, 'float32')], {
    batch: [[], []],
    contract: [[x.shape.length - 1], [0]],
    dtype: 'float32',
  });
}

/** bias + α · Σ x² over neighbours. */
function norm(b: GraphBuilder, x: Value, { depthRadius, bias, alpha }: LRNAttrs): Value {
  const squares = overNeighbours(b, b.binary('multiply', x, x), depthRadius);
  const scaled = b.binary('multiply', squares, b.fillLike(squares, alpha));
  return b.binary('add', scaled, b.fillLike(scaled, bias));
}

function power(b: GraphBuilder, x: Value, exponent: number): Value {
  return b.binary('power', x, b.fillLike(x, exponent));
}

export const lrnKernels: KernelTable = {
  LRN: (b, { x }, attrs: LRNAttrs) =>
    b.binary('multiply', x!, power(b, norm(b, x!, attrs), -attrs.beta)),

  /** dy · norm^−β − 2αβ · x · Σ over neighbours of dy · y / norm. */
  LRNGrad: (b, { x, y, dy }, attrs: LRNGradAttrs) => {
    const { depthRadius, alpha, beta } = attrs;
    const norms = norm(b, x!, attrs);
    const own = b.binary('multiply', dy!, power(b, norms, -beta));
    const shares = b.binary('divide', b.binary('multiply', dy!, y!), norms);
    const others = b.binary('multiply', x!, overNeighbours(b, shares, depthRadius));
    return b.binary(
      'subtract',
      own,
      b.binary('multiply', others, b.fillLike(others, 2 * alpha * beta)),
    );
  },
};
