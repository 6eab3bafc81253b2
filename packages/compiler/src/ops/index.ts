/**
 * The table of ops. An op is a constant that a file here exports, by its name; nothing else lists them.
 * A new file joins the table below.
 */
import * as attention from './attention/index.ts';
import * as control from './control.ts';
import * as convolutions from './convolutions.ts';
import type { BinaryElementWise, UnaryElementWise } from './define/element-wise.ts';
import type { Op } from './define/op.ts';
import * as devices from './devices.ts';
import * as elementWise from './element-wise.ts';
import * as fourier from './fourier.ts';
import * as indexing from './indexing.ts';
import * as literals from './literals.ts';
import * as products from './products.ts';
import * as reductions from './reductions.ts';
import * as selection from './selection.ts';
import * as shape from './shape.ts';
import * as sorting from './sorting.ts';
import * as windows from './windows.ts';

export const OPS = {
  ...literals,
  ...elementWise,
  ...selection,
  ...shape,
  ...indexing,
  ...products,
  ...reductions,
  ...convolutions,
  ...windows,
  ...sorting,
  ...fourier,
  ...control,
  ...devices,
  ...attention,
};

export type { Reduction } from './reduction-kinds.ts';
export type { CompareDirection } from './selection.ts';

type Ops = typeof OPS;
export type OpName = keyof Ops;

/** Element-wise, one operand, result of its shape and dtype. */
export type UnaryOp = {
  [K in OpName]: Ops[K] extends UnaryElementWise ? K : never;
}[OpName];

/** Element-wise, two operands of one shape and dtype, which the result has too. */
export type BinaryOp = {
  [K in OpName]: Ops[K] extends BinaryElementWise ? K : never;
}[OpName];

/** Ops with one result. */
export type OneResultOp = {
  [K in OpName]: Ops[K]['results'] extends readonly [string] ? K : never;
}[OpName];

/** An op's definition, whatever its attributes are. What is no op does not get into the table: its type is wrong here. */
export function opOf(op: OpName): Op<never> {
  return OPS[op];
}
