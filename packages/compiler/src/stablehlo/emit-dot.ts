/** StableHLO text of matrix products. */
import type { Node, ValueSpec } from '../graph/graph.ts';
import type { Emitter } from './emit-op.ts';
import type { LibraryProducts } from './lowered-program.ts';
import { functionType } from './types.ts';

type DotNode = Extract<Node, { op: 'dot' }>;

const list = (numbers: readonly number[]) => `[${numbers.join(', ')}]`;

export function emitDot(node: DotNode, e: Emitter): void {
  const matrices = isOf(e.libraryProducts, node) ? matricesOf(node) : undefined;
  if (matrices === undefined) emitDotGeneral(node, e);
  else emitOneDnn(node, matrices, e);
}

/** Whether oneDNN can do this product, and is to. */
export function isLibraryProduct(node: Node, products: LibraryProducts): boolean {
  return node.op === 'dot' && isOf(products, node) && matricesOf(node) !== undefined;
}

function isOf(products: LibraryProducts, { inputs: [a] }: DotNode): boolean {
  return products.some((dtype) => dtype === a!.dtype);
}

function emitDotGeneral({ inputs, outputs, attrs: { batch, contract } }: DotNode, e: Emitter) {
  const [a, b] = inputs.map((input) => e.name(input));
  const batching =
    batch[0].length === 0 ? '' : `batching_dims = ${list(batch[0])} x ${list(batch[1])}, `;
  const contracting = `contracting_dims = ${list(contract[0])} x ${list(contract[1])}`;
  const type = functionType(inputs, outputs);
  e.define(outputs[0]!, `stablehlo.dot_general ${a}, ${b}, ${batching}${contracting} : ${type}`);
}

/** A product as a library of linear algebra knows it: two stacks of matrices, each as it is or transposed. */
interface Matrices {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Undefined where the axes do not lie so. */
function matricesOf({ inputs, attrs: { batch, contract } }: DotNode): Matrices | undefined {
  const [a, b] = inputs as readonly [ValueSpec, ValueSpec];
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
function emitOneDnn(
  { inputs, outputs }: DotNode,
  { transposeA, transposeB }: Matrices,
  e: Emitter,
) {
  const [a, b] = inputs.map((input) => e.name(input));
  const config = `{\\"onednn_matmul_config\\":{\\"transpose_a\\":${transposeA},\\"transpose_b\\":${transposeB}}}`;
  e.define(
    outputs[0]!,
    `stablehlo.custom_call @"__onednn$matmul"(${a}, ${b}) ` +
      `{backend_config = "${config}", api_version = 1 : i32} : ${functionType(inputs, outputs)}`,
  );
}
