/** StableHLO text of rounding to bfloat16. */
import { dimensions, functionType, tensorType } from './define/stablehlo-text.ts';
import type { StablehloWriter } from './define/stablehlo.ts';
import type { Value, ValueSpec } from './define/value.ts';

/**
 * Rounds float32 to bfloat16 by what it does to the bits, to the nearest and to even where two are:
 *
 *   bfloat16(x) = (u + 0x7FFF + (u >> 16 & 1)) >> 16, u the bits of x; the quiet NaN where x is one
 *
 * The value of `stablehlo.convert`. XLA:CPU makes that a function of 8 numbers at most, and everything in the
 * same loop then goes by 8; this goes by as many as a register holds.
 */
export function roundingInStablehlo(x: Value, output: Value, w: StablehloWriter): void {
  const as = (element: string) => `tensor<${dimensions(x)}${element}>`;
  const [float, bits, half, truth] = [tensorType(x), as('ui32'), as('ui16'), as('i1')];
  const value = (expression: string) => {
    const name = w.fresh();
    w.line(`${name} = ${expression}`);
    return name;
  };
  const constant = (literal: number) => value(`stablehlo.constant dense<${literal}> : ${bits}`);
  const onBits = (op: string, a: string, b: string) =>
    value(`stablehlo.${op} ${a}, ${b} : ${bits}`);

  const u = value(`stablehlo.bitcast_convert ${w.name(x)} : (${float}) -> ${bits}`);
  const sixteen = constant(16);
  const odd = onBits('and', onBits('shift_right_logical', u, sixteen), constant(1));
  const rounded = onBits('add', onBits('add', u, constant(0x7fff)), odd);
  const name = w.name(x);
  const isNan = value(
    `stablehlo.compare NE, ${name}, ${name}, FLOAT : ${functionType([x, x], [boolean(x)])}`,
  );
  const kept = value(
    `stablehlo.select ${isNan}, ${constant(0x7fc00000)}, ${rounded} : ${truth}, ${bits}`,
  );
  const upper = onBits('shift_right_logical', kept, sixteen);
  const narrow = value(`stablehlo.convert ${upper} : (${bits}) -> ${half}`);
  w.define([output], `stablehlo.bitcast_convert ${narrow} : (${half}) -> ${tensorType(output)}`);
}

const boolean = ({ shape }: ValueSpec): ValueSpec => ({ shape, dtype: 'bool' });
