import type { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Value } from '../graph/graph.ts';

import { rewrite } from './rewrite.ts';

/** Of atan(t)/t − 1 over t², highest power first: Cephes `atanf`, for |t| ≤ tan(π/8). */
const COEFFICIENTS = [8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1, 0];
const TAN_PI_8 = 0.414213562373095;

/**
 * Writes atan2 out in operations that a compiler turns into vector code:
 *
 *   t = small/large, or (small − large)/(small + large) + π/4 where small/large > tan(π/8)
 *
 * with small and large the magnitudes of the operands; then by octant. Within 3 units in the last place
 * of float32; zeros and infinities keep their signs, NaN stays.
 *
 * XLA:CPU calls the C library for it, element by element; AdamATan2 takes one of every parameter.
 *
 * @source Moshier, Cephes single/atanf.c
 */
export function expandAtan2(graph: Graph): Graph {
  return rewrite(graph, (node, inputs, b) =>
    node.op === 'atan2' && inputs[0]!.dtype === 'float32'
      ? [atan2(b, inputs[0]!, inputs[1]!)]
      : undefined,
  );
}

function atan2(b: GraphBuilder, y: Value, x: Value): Value {
  const literal = (value: number) => b.fillLike(x, value);
  const zero = literal(0);
  const [up, across] = [b.emit('abs', [y]), b.emit('abs', [x])];
  const small = b.binary('minimum', up, across);
  const large = b.binary('maximum', up, across);

  const bothInfinite = b.compare('eq', small, literal(Infinity));
  const isSteep = b.binary(
    'or',
    bothInfinite,
    b.compare('gt', small, b.binary('multiply', large, literal(TAN_PI_8))),
  );
  // Halves: the sum of two large numbers must not overflow.
  const [half, other] = [small, large].map((value) => b.binary('multiply', value, literal(0.5)));
  const difference = b.select(bothInfinite, zero, b.binary('subtract', half!, other!));
  const above = b.select(isSteep, difference, small);
  const below = b.select(isSteep, b.binary('add', half!, other!), large);
  const t = b.binary('divide', above, b.select(b.compare('eq', below, zero), literal(1), below));

  const square = b.binary('multiply', t, t);
  const series = COEFFICIENTS.map(literal).reduce((sum, coefficient) =>
    b.binary('add', b.binary('multiply', sum, square), coefficient),
  );
  const base = b.select(isSteep, literal(Math.PI / 4), zero);
  const inOctant = b.binary('add', base, b.binary('add', t, b.binary('multiply', t, series)));
  const isUpright = b.compare('gt', up, across);
  const inQuadrant = b.select(
    isUpright,
    b.binary('subtract', literal(Math.PI / 2), inOctant),
    inOctant,
  );
  const inHalf = b.select(
    isNegative(b, x),
    b.binary('subtract', literal(Math.PI), inQuadrant),
    inQuadrant,
  );
  return b.select(isNegative(b, y), b.emit('negate', [inHalf]), inHalf);
}

/** By its sign bit: −0 is. */
function isNegative(b: GraphBuilder, x: Value): Value {
  const zero = b.fillLike(x, 0);
  const inverse = b.binary('divide', b.fillLike(x, 1), x);
  return b.binary('or', b.compare('lt', x, zero), b.compare('lt', inverse, zero));
}
