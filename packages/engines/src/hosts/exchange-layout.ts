/** Where the values that ranks exchange between two parts of a program lie in the memory for it. */
import type { Exchange } from '@eddy/compiler/engine';
import { BYTES_PER_ELEMENT, sizeOf, type SpecTree } from '@eddy/tensor/spec';

import type { Addend } from '../mpi/thread/messages.ts';

/** Values one after the other, which are added up together, in place. */
export interface SumBlock {
  readonly of: Addend;
  readonly offset: number;
  /** A multiple of 4 × ranks. */
  readonly bytes: number;
}

/** A value of which each rank has a part. */
export interface JoinBlock {
  readonly offset: number;
  readonly bytes: number;
  /** The offset at which the values of all ranks are put. */
  readonly target: number;
}

export interface ExchangeLayout {
  readonly sums: readonly SumBlock[];
  readonly joins: readonly JoinBlock[];
  /** The offset at which a part writes each value. */
  readonly outputs: Readonly<Record<string, number>>;
  /** The offset at which later parts find the exchanged value. */
  readonly inputs: Readonly<Record<string, number>>;
  /** The first offset that the next part may use. */
  readonly end: number;
}

const ALIGNMENT = 64;

/**
 * @param exchanges  that one part brings values for
 * @param specs  of what one rank brings
 * @param start  a multiple of 64
 */
export function exchangeLayout(
  exchanges: readonly Exchange[],
  specs: SpecTree,
  ranks: number,
  start: number,
): ExchangeLayout {
  const outputs: Record<string, number> = {};
  const inputs: Record<string, number> = {};
  let end = start;
  const place = (bytes: number): number => {
    const offset = end;
    end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return offset;
  };
  const bytesOf = (name: string) => {
    const { shape, dtype } = specs[name]!;
    return sizeOf(shape) * BYTES_PER_ELEMENT[dtype];
  };
  const sums = (['float32', 'int32'] as const).flatMap((of): SumBlock[] => {
    const names = exchanges
      .filter(({ kind, name }) => kind === 'sum' && specs[name]!.dtype === of)
      .map(({ name }) => name);
    if (names.length === 0) return [];
    const offset = end;
    for (const name of names) outputs[name] = inputs[name] = place(bytesOf(name));
    const unit = ALIGNMENT * ranks;
    const bytes = Math.ceil((end - offset) / unit) * unit;
    end = offset + bytes;
    return [{ of, offset, bytes }];
  });
  const joins = exchanges
    .filter(({ kind }) => kind === 'gather')
    .map(({ name }): JoinBlock => {
      const bytes = bytesOf(name);
      const offset = place(bytes);
      const target = place(ranks * bytes);
      outputs[name] = offset;
      inputs[name] = target;
      return { offset, bytes, target };
    });
  return { sums, joins, outputs, inputs, end };
}
