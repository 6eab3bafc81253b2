import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Precision, Program } from '@eddy/tensor';

import type { TracedGraph } from '../graph/graph.ts';
import { cutAtExchanges, type Exchange } from '../passes/cut-at-exchanges.ts';
import { optimise, type Recomputes } from '../passes/optimise.ts';
import type { Products } from '../passes/precision.ts';
import { lower } from '../stablehlo/lower.ts';
import type { LibraryProducts } from '../ops/define/stablehlo.ts';
import type { LoweredProgram, Lowering } from '../stablehlo/lowered-program.ts';
import type { Composites } from '../trace/capture/composites.ts';
import { requireSameTrace, trace, traceOnce, type TraceOptions } from '../trace/trace.ts';
import { CUDNN_ATTENTION } from './cudnn-attention.ts';

/** What a compiler needs of a program to make fast code of it. */
export interface CompilerTraits extends Lowering {
  readonly products: Products;
  readonly atan2: 'call' | 'expand';
  readonly recomputes: Recomputes;
  /** Kernels that it has for bfloat16 values. */
  readonly composites: Composites;
}

const GPU: CompilerTraits = {
  barriers: 'none',
  products: 'any',
  libraryProducts: [],
  rounding: 'convert',
  atan2: 'call',
  recomputes: 'what-is-cheap',
  composites: CUDNN_ATTENTION,
};

/**
 * @param platformName  PJRT's: `cpu`, `cuda`.
 * @param libraryProducts  on a CPU.
 */
export function compilerTraits(
  platformName: string,
  libraryProducts: LibraryProducts,
): CompilerTraits {
  if (platformName !== 'cpu') return platformName === 'cuda' ? GPU : { ...GPU, composites: {} };
  return {
    barriers: 'branch',
    products: libraryProducts.includes('bfloat16') ? 'any' : 'contract-last',
    libraryProducts,
    rounding: 'bits',
    atan2: 'expand',
    recomputes: 'what-is-asked',
    composites: {},
  };
}

interface LoweringOptions extends CompilerTraits {
  readonly precision: Precision;
  readonly devices?: number;
  readonly hosts?: number;
}

export interface UncheckedLoweredProgram extends LoweredProgram {
  /** @throws TRACE_NOT_DETERMINISTIC; not called yet. */
  readonly requireSameTrace: () => void;
}

/** From TF.js code to StableHLO. With EDDY_DUMP_STABLEHLO set, a copy of it goes to that folder. */
export function lowerProgram(program: Program, options: LoweringOptions): UncheckedLoweredProgram {
  const tracing = traceOptions(options);
  const traced = traceOnce(program, tracing);
  return {
    ...lowerGraph(optimise(traced, options), options),
    requireSameTrace: () => requireSameTrace(program, traced, tracing),
  };
}

/** The same in parts for several hosts, each of which has `devices`; undefined where it can't be cut. */
export function lowerParts(
  program: Program,
  { hosts, ...options }: LoweringOptions & { readonly hosts: number },
): PartsOfProgram | undefined {
  const devices = hosts * (options.devices ?? 1);
  const whole = optimise(trace(program, traceOptions({ ...options, devices, hosts })), options);
  if (whole.devices % hosts !== 0) return undefined;
  const { parts, exchanges } = cutAtExchanges(whole, hosts);
  return { whole, exchanges, parts: parts.map((part) => lowerGraph(part, options)) };
}

export interface PartsOfProgram {
  readonly whole: TracedGraph;
  readonly exchanges: readonly Exchange[];
  readonly parts: readonly LoweredProgram[];
}

function traceOptions({
  devices = 1,
  hosts = 1,
  precision,
  composites,
}: LoweringOptions): TraceOptions {
  return { composites: precision === 'bf16-mixed' ? composites : {}, devices, hosts };
}

function lowerGraph(traced: TracedGraph, options: LoweringOptions): LoweredProgram {
  const lowered = lower(traced, options);
  const folder = process.env['EDDY_DUMP_STABLEHLO'];
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${lowered.name.replaceAll('/', '-')}.mlir`), lowered.text);
  }
  return lowered;
}
