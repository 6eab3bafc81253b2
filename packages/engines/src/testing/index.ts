/** Public names of @eddy/engines/testing: for authors of engines. */
export { FLOAT32_TOLERANCE, type Tolerance } from './compare.ts';
export { TFJS_GRADIENT_GAPS, type Gap, type Part } from './known-gaps.ts';
export { opCases } from './op-cases/index.ts';
export type { OpCase } from './op-cases/op-case.ts';
export { opSuite } from './op-suite.ts';
