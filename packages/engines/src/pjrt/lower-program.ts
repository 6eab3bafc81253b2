import { InternalError, type Precision, type Program } from '@eddy/core';

import type { LoweredProgram } from '../stablehlo/lowered-program.ts';

export function lowerProgram(program: Program, precision: Precision): LoweredProgram {
  throw new InternalError(`tracing is not wired yet: ${program.name} ${precision}`);
}
