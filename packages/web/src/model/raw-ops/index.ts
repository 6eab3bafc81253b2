/** The operations of TensorFlow's raw ops that models in a page are made of, computed with TF.js kernels. */
import { elementWise } from './element-wise.ts';
import { fourier } from './fourier.ts';
import { indexing } from './indexing.ts';
import { products } from './products.ts';
import type { RawOp } from './raw-op.ts';
import { shapes } from './shape.ts';

export { NotConstantError, type RawOp } from './raw-op.ts';

export const RAW_OPS: Readonly<Record<string, RawOp>> = {
  ...elementWise,
  ...shapes,
  ...products,
  ...indexing,
  ...fourier,
};
