import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Precision, Program } from '@eddy/core';

import { optimise } from '../passes/optimise.ts';
import type { Products } from '../passes/precision.ts';
import { lower } from '../stablehlo/lower.ts';
import type { Barriers, LoweredProgram, ProductLibrary } from '../stablehlo/lowered-program.ts';
import type { Composites } from '../trace/composites.ts';
import { trace } from '../trace/trace.ts';
import { CUDNN_ATTENTION } from './cudnn-attention.ts';

/** What a compiler needs of a program to make fast code of it. */
export interface CompilerTraits {
  readonly barriers: Barriers;
  readonly products: Products;
  readonly productLibrary: ProductLibrary;
  readonly atan2: 'call' | 'expand';
  /** Kernels that it has for bfloat16 values. */
  readonly composites: Composites;
}

const GPU: CompilerTraits = {
  barriers: 'none',
  products: 'any',
  productLibrary: 'compiler',
  atan2: 'call',
  composites: CUDNN_ATTENTION,
};

/**
 * @param platformName  PJRT's: `cpu`, `cuda`.
 * @param library  what multiplies matrices of bfloat16 on a CPU.
 */
export function compilerTraits(platformName: string, library: ProductLibrary): CompilerTraits {
  if (platformName !== 'cpu') return GPU;
  return {
    barriers: 'branch',
    products: library === 'onednn' ? 'any' : 'contract-last',
    productLibrary: library,
    atan2: 'expand',
    composites: {},
  };
}

/** From TF.js code to StableHLO. With EDDY_DUMP_STABLEHLO set, a copy of it goes to that folder. */
export function lowerProgram(
  program: Program,
  {
    devices = 1,
    ...options
  }: CompilerTraits & { readonly precision: Precision; readonly devices?: number },
): LoweredProgram {
  const composites = options.precision === 'bf16-mixed' ? options.composites : {};
  const lowered = lower(optimise(trace(program, { composites, devices }), options), options);
  const folder = process.env['EDDY_DUMP_STABLEHLO'];
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${program.name.replaceAll('/', '-')}.mlir`), lowered.text);
  }
  return lowered;
}
