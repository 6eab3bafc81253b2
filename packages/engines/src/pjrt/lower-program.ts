import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Precision, Program } from '@eddy/core';

import { optimise } from '../passes/optimise.ts';
import { lower } from '../stablehlo/lower.ts';
import type { LoweredProgram } from '../stablehlo/lowered-program.ts';
import { trace } from '../trace/trace.ts';

/** From TF.js code to StableHLO. With EDDY_DUMP_STABLEHLO set, a copy of it goes to that folder. */
export function lowerProgram(program: Program, precision: Precision): LoweredProgram {
  const lowered = lower(optimise(trace(program), { precision }));
  const folder = process.env['EDDY_DUMP_STABLEHLO'];
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${program.name.replaceAll('/', '-')}.mlir`), lowered.text);
  }
  return lowered;
}
