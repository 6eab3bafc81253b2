import { elementWiseCases } from './element-wise.ts';
import { extensionCases } from './extensions.ts';
import { indexingCases } from './indexing.ts';
import { matrixCases } from './matrices.ts';
import type { OpCase } from './op-case.ts';
import { reductionCases } from './reductions.ts';
import { shapeCases } from './shapes.ts';

/** Every use of an operation that engines are compared on. */
export const opCases: readonly OpCase[] = [
  ...elementWiseCases,
  ...reductionCases,
  ...matrixCases,
  ...shapeCases,
  ...indexingCases,
  ...extensionCases,
];
