/** A supervision step as an ONNX model: carry and batch in, carry and answer out. */
import type { HostTree, Program } from '@eddy/tensor';

import { onlyNeeded } from '../passes/only-needed.ts';
import { optimise } from '../passes/optimise.ts';
import { trace } from '../trace/trace.ts';
import { lowerOnnx } from './lower-onnx.ts';

export interface OnnxExportOptions {
  /** Values of the program's state that do not change: the weights. */
  readonly weights: HostTree;
  /** Outputs of the program that the model shall have, and what they are called in it. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Traces a program and writes it as ONNX (opset 18, float32).
 *
 * State that is no weight becomes an input of its name and an output `next/<name>`, if any of the
 * outputs depends on it, now or in a later step. Inputs that nothing depends on are left out.
 *
 * @throws ONNX_UNSUPPORTED_OP, ONNX_TOO_LARGE and what tracing throws
 */
export function exportOnnx(program: Program, options: OnnxExportOptions): Uint8Array {
  const traced = optimise(trace(program), { precision: 'float32' });
  const needed = onlyNeeded(traced, Object.keys(options.outputs));
  const used = needed.arguments.filter(({ name }) => name in options.weights);
  const constants = Object.fromEntries(used.map(({ name }) => [name, options.weights[name]!]));
  const names = {
    argument: (name: string) => name,
    result: (name: string, kind: 'state' | 'output') =>
      kind === 'state' ? `next/${name}` : options.outputs[name]!,
  };
  return lowerOnnx(needed, constants, names, { producer: 'eddy', metadata: options.metadata });
}
