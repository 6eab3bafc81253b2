import { convolutionCases } from './convolutions.ts';
import { elementWiseCases } from './element-wise.ts';
import { extensionCases } from './extensions.ts';
import { imageCases } from './images.ts';
import { indexingCases } from './indexing.ts';
import { matrixCases } from './matrices.ts';
import type { OpCase } from './op-case.ts';
import { reductionCases } from './reductions.ts';
import { shapeCases } from './shapes.ts';
import { spaceCases } from './spaces.ts';
import { windowCases } from './windows.ts';

/** Every use of an operation that engines are compared on. */
export const opCases: readonly OpCase[] = [
  ...elementWiseCases,
  ...reductionCases,
  ...matrixCases,
  ...shapeCases,
  ...indexingCases,
  ...imageCases,
  ...spaceCases,
  ...convolutionCases,
  ...windowCases,
  ...extensionCases,
];
