/** StableHLO text of matrix products. */
import { functionType, list } from '../define/stablehlo-text.ts';
import type { StablehloWriter } from '../define/stablehlo.ts';
import type { DotNode } from './node.ts';

export function dotInStablehlo(node: DotNode, w: StablehloWriter): void {
  const isLibrarys = w.libraryProducts.some((dtype) => dtype === node.inputs[0].dtype);
  const matrices = isLibrarys ? matricesOf(node) : undefined;
  if (matrices === undefined) dotGeneral(node, w);
  else oneDnnCall(node, matrices, w);
}

function dotGeneral(node: DotNode, w: StablehloWriter): void {
  const { batch, contract } = node.attrs;
  const batching =
    batch[0].length === 0 ? '' : `batching_dims = ${list(batch[0])} x ${list(batch[1])}, `;
  const contracting = `contracting_dims = ${list(contract[0])} x ${list(contract[1])}`;
  w.operation(node, 'stablehlo.dot_general', `${batching}${contracting}`);
}

/** A product as a library of linear algebra knows it: two stacks of matrices, each as it is or transposed. */
interface Matrices {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Undefined where the axes do not lie so. */
function matricesOf({ inputs, attrs: { batch, contract } }: DotNode): Matrices | undefined {
  const [a, b] = inputs;
  const numBatch = batch[0].length;
  const leads = (axes: readonly number[]) => axes.every((axis, i) => axis === i);
  const fits =
    a.shape.length === numBatch + 2 &&
    b.shape.length === numBatch + 2 &&
    [...a.shape, ...b.shape].every((dim) => dim > 0) &&
    batch.every(leads) &&
    contract[0].length === 1;
  if (!fits) return undefined;
  return { transposeA: contract[0][0] === numBatch, transposeB: contract[1][0] === numBatch + 1 };
}

/**
 * The call that XLA:CPU's own rewriting to oneDNN would make (xla/service/cpu/onednn_matmul_rewriter.cc):
 * it leaves out products whose result is wider than their operands.
 */
function oneDnnCall(
  { inputs, outputs }: DotNode,
  { transposeA, transposeB }: Matrices,
  w: StablehloWriter,
): void {
  w.callsLibrary();
  const config = `{\\"onednn_matmul_config\\":{\\"transpose_a\\":${transposeA},\\"transpose_b\\":${transposeB}}}`;
  w.define(
    outputs,
    `stablehlo.custom_call @"__onednn$matmul"(${w.names(inputs)}) ` +
      `{backend_config = "${config}", api_version = 1 : i32} : ${functionType(inputs, outputs)}`,
  );
}
