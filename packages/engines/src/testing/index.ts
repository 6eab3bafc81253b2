/** Public names of @eddy/engines/testing: for authors of engines. */
export { FLOAT32_TOLERANCE, type Tolerance } from '@eddy/compiler/testing';
export { TFJS_GRADIENT_GAPS, type Gap, type Part } from './known-gaps.ts';
export { opCases } from '@eddy/compiler/testing';
export type { OpCase } from '@eddy/compiler/testing';
export { opSuite } from './op-suite.ts';
