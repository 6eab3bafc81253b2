/** Public names of @eddy/engines/testing: for authors of engines. */
export {
  FLOAT32_TOLERANCE,
  opCases,
  TFJS_GRADIENT_GAPS,
  type Gap,
  type OpCase,
  type Part,
  type Tolerance,
} from '@eddy/compiler/testing';
export { opSuite } from './op-suite.ts';
