/** TensorFlow's instructions for matrix products. */
import { sizeOf } from '@eddy/tensor/spec';

import type { InstructionBuilder, Slot } from '../define/tensorflow.ts';
import { sameShape, type Value } from '../define/value.ts';
import type { DotNode } from './node.ts';

/** One operand as matrices: [batch…, rows, columns], the contracted axes on one of the two sides. */
interface Matrices {
  readonly slot: Slot;
  readonly freeSize: number;
  /** Whether the contracted axes come first: the transpose of what a product would like. */
  readonly contractedFirst: boolean;
}

/** A product over any axes as one of matrices: axes are moved only where none of the four forms fits. */
export function dotInTensorflow(node: DotNode, b: InstructionBuilder): Slot {
  const [left, right] = node.inputs;
  const { batch, contract } = node.attrs;
  const [output] = node.outputs;
  const batchShape = batch[0].map((axis) => left.shape[axis]!);
  const x = matrices(left, batch[0], contract[0], b);
  const y = matrices(right, batch[1], contract[1], b);
  const isBatched = batch[0].length > 0;
  const names = isBatched ? ['adj_x', 'adj_y'] : ['transpose_a', 'transpose_b'];
  const product = b.emit(isBatched ? 'BatchMatMulV2' : 'MatMul', [x.slot, y.slot], {
    [names[0]!]: { type: 'bool', value: x.contractedFirst },
    [names[1]!]: { type: 'bool', value: !y.contractedFirst },
  });
  const shape = [...batchShape, x.freeSize, y.freeSize];
  return sameShape(shape, output.shape) ? product : b.reshape(product, output.shape);
}

function matrices(
  x: Value,
  batch: readonly number[],
  contract: readonly number[],
  b: InstructionBuilder,
): Matrices {
  const free = x.shape.flatMap((_, axis) =>
    batch.includes(axis) || contract.includes(axis) ? [] : [axis],
  );
  const dims = (axes: readonly number[]) => axes.map((axis) => x.shape[axis]!);
  const inOrder = x.shape.map((_, axis) => axis).join();
  const contractedFirst = [...batch, ...contract, ...free].join() === inOrder;
  const wanted = [...batch, ...free, ...contract];
  const isMoved = !contractedFirst && wanted.join() !== inOrder;
  const moved = isMoved ? b.emit('Transpose', [b.full(x), b.ints(wanted)]) : b.full(x);
  const sides = [sizeOf(dims(free)), sizeOf(dims(contract))];
  const shape = [...dims(batch), ...(contractedFirst ? sides.toReversed() : sides)];
  return {
    slot: isMoved || !sameShape(shape, x.shape) ? b.reshape(moved, shape) : moved,
    freeSize: sizeOf(dims(free)),
    contractedFirst,
  };
}
