import { describe, expect, it } from 'vitest';

import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { Block, Instruction, Slot } from './block.ts';
import { lowerTensorflow } from './lower-tensorflow.ts';

const float32 = (...shape: number[]) => ({ shape, dtype: 'float32' }) as const;

/** The block of what `write` appends, and the constants that it keeps. */
function build(write: (g: GraphBuilder) => readonly Value[]) {
  const g = new GraphBuilder();
  const block = lowerTensorflow(g.finish(write(g)));
  const constants = block.constants.map(({ shape, data }) => ({ shape, values: Array.from(data) }));
  return { block, constants };
}

function names(block: Block): string[] {
  return block.instructions.map((instruction) =>
    instruction.kind === 'op' ? instruction.op : `loop × ${instruction.times}`,
  );
}

function opsOf(write: (g: GraphBuilder) => readonly Value[]): string[] {
  return names(build(write).block);
}

describe('a repeated value', () => {
  it('is left to the broadcasting of element-wise operations', () => {
    const ops = opsOf((g) => {
      const [x, bias] = [g.input(float32(4, 3)), g.input(float32(3))];
      return [g.binary('multiply', g.binary('add', x, bias), g.scalar(2))];
    });
    expect(ops).toEqual(['AddV2', 'Mul']);
  });

  it('stays small through a chain of operations on it alone', () => {
    const { block } = build((g) => {
      const bias = g.broadcast(g.input(float32(3)), [1000, 3]);
      const scaled = g.binary('multiply', g.emit('exponential', [bias]), g.scalar(0.5));
      return [g.binary('add', g.input(float32(1000, 3)), scaled)];
    });
    expect(names(block)).toEqual(['Exp', 'Mul', 'AddV2']);
  });

  it('gets an axis of 1 where it does not align at the end', () => {
    const { block, constants } = build((g) => {
      const [x, rows] = [g.input(float32(4, 3)), g.input(float32(4))];
      const spread = g.emit('broadcastInDim', [rows], { shape: [4, 3], axes: [0] });
      return [g.binary('add', x, spread)];
    });
    expect(names(block)).toEqual(['Reshape', 'AddV2']);
    expect(constants).toEqual([{ shape: [2], values: [4, 1] }]);
  });

  it('is written out where all its elements count', () => {
    const sum = opsOf((g) => {
      const spread = g.broadcast(g.input(float32(3)), [4, 3]);
      return [g.reduce('sum', spread, [0]), g.reduce('max', spread, [0])];
    });
    // Once, however often it is used.
    expect(sum).toEqual(['BroadcastTo', 'Sum', 'Max']);
    expect(opsOf((g) => [g.broadcast(g.input(float32(3)), [4, 3])])).toEqual(['BroadcastTo']);
  });

  it('is transposed as small as it is', () => {
    const { block, constants } = build((g) => {
      const spread = g.broadcast(g.input(float32(3)), [4, 3]);
      return [g.binary('add', g.input(float32(3, 4)), g.transpose(spread, [1, 0]))];
    });
    expect(names(block)).toEqual(['Reshape', 'Transpose', 'AddV2']);
    expect(constants[0]).toEqual({ shape: [2], values: [1, 3] });
  });
});

describe('a product', () => {
  const dot = (contract: readonly [readonly number[], readonly number[]]) => (g: GraphBuilder) => {
    const attrs = { batch: [[], []], contract, dtype: 'float32' } as const;
    return [g.emit('dot', [g.input(float32(5, 5)), g.input(float32(5, 5))], attrs)];
  };

  it.each([
    [
      [[1], [0]],
      [false, false],
    ],
    [
      [[0], [0]],
      [true, false],
    ],
    [
      [[1], [1]],
      [false, true],
    ],
    [
      [[0], [1]],
      [true, true],
    ],
  ] as const)('over axes %j moves no axes', (contract, transposes) => {
    const { block } = build(dot(contract));
    expect(names(block)).toEqual(['MatMul']);
    const [product] = block.instructions as [Extract<Instruction, { kind: 'op' }>];
    expect(Object.values(product.attrs).map(({ value }) => value)).toEqual(transposes);
  });

  it('moves axes where the contracted one lies between', () => {
    const ops = opsOf((g) => {
      const [x, y] = [g.input(float32(2, 5, 3)), g.input(float32(5, 4))];
      return [g.emit('dot', [x, y], { batch: [[], []], contract: [[1], [0]], dtype: 'float32' })];
    });
    expect(ops).toEqual(['Transpose', 'Reshape', 'MatMul', 'Reshape']);
  });
});

describe('a loop', () => {
  const loop = (g: GraphBuilder) => {
    const [x, scale] = [g.input(float32(2)), g.input(float32())];
    const body = new GraphBuilder();
    const [y, captured] = [body.input(float32(2)), body.input(float32())];
    const scaled = body.binary('multiply', y, captured);
    return g.append('while', [x, scale], { times: 7, body: body.finish([scaled]) });
  };

  it('is one instruction, its body a block that is written once', () => {
    const { block } = build(loop);
    expect(names(block)).toEqual(['loop × 7']);
    const [instruction] = block.instructions as [Extract<Instruction, { kind: 'loop' }>];
    expect(instruction.inputs).toEqual(block.inputs);
    expect(instruction.outputs).toEqual(block.outputs);
    expect(names(instruction.body)).toEqual(['Mul']);
    expect(instruction.body.inputs).toHaveLength(2);
    expect(instruction.body.outputs).toHaveLength(1);
  });
});

describe('slots', () => {
  it('are freed once, at their last use, and results never', () => {
    const { block } = build((g) => {
      const x = g.input(float32(3));
      const square = g.binary('multiply', x, x);
      const root = g.emit('sqrt', [square]);
      g.emit('negate', [root]);
      return [g.binary('add', square, root), g.emit('sign', [square])];
    });
    expect(names(block)).toEqual(['Mul', 'Sqrt', 'Neg', 'AddV2', 'Sign']);
    const [square, root, unused] = block.instructions.map(({ outputs }) => outputs[0]!);
    expect(block.instructions.map(({ frees }) => frees)).toEqual([
      [],
      [],
      [unused],
      [root],
      [square],
    ]);
  });

  it('of results are nobody else’s: neither an input’s, a constant’s, nor another result’s', () => {
    const { block } = build((g) => {
      const x = g.input(float32(3));
      const y = g.emit('sqrt', [x]);
      return [x, y, y, g.scalar(1)];
    });
    expect(names(block)).toEqual(['Sqrt', 'Identity', 'Identity', 'Identity']);
    expect(new Set<Slot>(block.outputs).size).toBe(4);
    expect(block.outputs).not.toContain(block.inputs[0]);
  });
});

describe('constants', () => {
  it('are kept once where they are small and equal, zeros by their sign', () => {
    const { constants } = build((g) => {
      const x = g.input(float32(2, 2));
      const zeros = [0, -0, 0].map((zero) => g.binary('add', x, g.scalar(zero)));
      return [...zeros, g.reduce('sum', x, [0]), g.reduce('max', x, [0])];
    });
    const values = constants.map((constant) => constant.values);
    expect(values).toEqual([[0], [-0], [0]]);
    // The last is the axis, a list.
    expect(constants.map(({ shape }) => shape)).toEqual([[], [], [1]]);
  });
});
