import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Precision, Program } from '@eddy/core';

import { optimise } from '../passes/optimise.ts';
import { lower } from '../stablehlo/lower.ts';
import type { Barriers, LoweredProgram } from '../stablehlo/lowered-program.ts';
import { trace } from '../trace/trace.ts';

/** What a compiler needs of a program to make fast code of it. */
export interface CompilerTraits {
  readonly barriers: Barriers;
  readonly products: 'any' | 'contract-last';
}

/** @param platformName  PJRT's: `cpu`, `cuda`. */
export function compilerTraits(platformName: string): CompilerTraits {
  return platformName === 'cpu'
    ? { barriers: 'branch', products: 'contract-last' }
    : { barriers: 'none', products: 'any' };
}

/** From TF.js code to StableHLO. With EDDY_DUMP_STABLEHLO set, a copy of it goes to that folder. */
export function lowerProgram(
  program: Program,
  { precision, barriers, products }: CompilerTraits & { readonly precision: Precision },
): LoweredProgram {
  const lowered = lower(optimise(trace(program), { precision, products }), { barriers });
  const folder = process.env['EDDY_DUMP_STABLEHLO'];
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${program.name.replaceAll('/', '-')}.mlir`), lowered.text);
  }
  return lowered;
}
