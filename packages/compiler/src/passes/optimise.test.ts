import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import {
  bfloat16,
  recomputable,
  recomputeCheaply,
  recomputing,
  noGradient,
  repeat,
  type Precision,
  type Program,
} from '@eddy/tensor';
import { describe, expect, it } from 'vitest';

import type { Graph, Node } from '../graph/graph.ts';
import { printGraph } from '../graph/print.ts';
import { trace } from '../trace/trace.ts';
import { optimise, type Recomputes } from './optimise.ts';

const X = { shape: [2, 3], dtype: 'float32' } as const;
const W = { shape: [3, 3], dtype: 'float32' } as const;

type Run = (x: tf.Tensor, w: tf.Tensor) => tf.Tensor | tf.Tensor[];

function graphOf(
  run: Run,
  precision: Precision = 'float32',
  products: 'any' | 'contract-last' = 'any',
  recomputes: Recomputes = 'what-is-asked',
): Graph {
  const program: Program = {
    name: 'test',
    state: {},
    inputs: { x: X, w: W },
    run: (_state, { x, w }) => {
      const result = run(x!, w!);
      const results = Array.isArray(result) ? result : [result];
      return { state: {}, outputs: Object.fromEntries(results.map((y, i) => [`y${i}`, y])) };
    },
  };
  return optimise(trace(program), { precision, products, recomputes }).graph;
}

const optimised = (run: Run, precision?: Precision) => printGraph(graphOf(run, precision));
const opsOf = (graph: Graph) => graph.nodes.map(({ op }) => op);

function loopOf(graph: Graph): Extract<Node, { op: 'while' }> {
  const loop = graph.nodes.find((node) => node.op === 'while');
  if (loop?.op !== 'while') throw new Error('no loop');
  return loop;
}

describe('dead code', () => {
  it('goes, with what only it needed', () => {
    const graph = graphOf((x) => {
      tf.exp(tf.add(x, 1));
      return tf.neg(x);
    });
    expect(opsOf(graph)).toEqual(['negate']);
  });

  it('goes from loops: state and operands that no result needs', () => {
    const graph = graphOf((x, w) => {
      const [needed] = repeat(3, [x, w], ([a, b]) => [tf.sin(a!), tf.matMul(b!, w)]);
      return needed!;
    });
    const loop = loopOf(graph);
    expect(loop.inputs).toEqual([graph.inputs[0]]);
    expect(opsOf(loop.attrs.body)).toEqual(['sine']);
  });
});

describe('common subexpressions', () => {
  it('are computed once', () => {
    const graph = graphOf((x) => tf.mul(tf.exp(x), tf.add(tf.exp(x), tf.exp(x))));
    expect(opsOf(graph)).toEqual(['exponential', 'add', 'multiply']);
  });

  it('tell 0 from −0', () => {
    const graph = graphOf((x) =>
      tf.concat([tf.atan2(x, tf.scalar(0)), tf.atan2(x, tf.scalar(-0))]),
    );
    expect(opsOf(graph).filter((op) => op === 'atan2')).toHaveLength(2);
  });
});

describe('constants', () => {
  it('fold to a scalar that is spread, never to a literal of the full size', () => {
    const graph = graphOf((x) => tf.add(x, tf.mul(tf.ones([2, 3]), tf.sqrt(tf.fill([2, 3], 16)))));
    expect(printGraph(graph)).toMatchInlineSnapshot(`
      "(%0:float32[2,3], %1:float32[3,3]) {
        %2:float32[] = constant {data=[4]}
        %3:float32[2,3] = broadcastInDim %2 {shape=[2,3], axes=[]}
        %4:float32[2,3] = add %0, %3
        return %4
      }"
    `);
  });

  it('of integers wrap in sums, as they do everywhere', () => {
    const graph = graphOf(() => tf.sum(tf.fill([3], 2147483647, 'int32')));
    expect(printGraph(graph)).toContain('int32[] = constant {data=[2147483645]}');
  });

  it('that change nothing go', () => {
    const graph = graphOf((x) => tf.div(tf.mul(tf.sub(tf.add(x, 0), 0), 1), 1));
    expect(graph.nodes).toEqual([]);
  });

  it('do not erase NaN: x · 0 stays', () => {
    expect(opsOf(graphOf((x) => tf.mul(x, 0)))).toContain('multiply');
  });
});

describe('simplify', () => {
  it('removes moves that cancel out', () => {
    const graph = graphOf((x) => {
      const there = tf.reshape(tf.transpose(x), [6]);
      return tf.transpose(tf.reshape(tf.reshape(there, [1, 6]), [3, 2]));
    });
    expect(graph.nodes).toEqual([]);
  });

  it('removes the packing of results by noGradient', () => {
    const graph = graphOf((x) => noGradient([x], ([v]) => [tf.sin(v!), tf.cos(v!)]));
    expect(opsOf(graph)).toEqual(['sine', 'cosine']);
  });

  it('collapses chains of spreading', () => {
    const graph = graphOf((x) => tf.mul(tf.tile(tf.sum(x, 1, true), [1, 3]), tf.ones([2, 3])));
    expect(opsOf(graph).filter((op) => op === 'broadcastInDim')).toHaveLength(1);
  });
});

describe('loop invariants', () => {
  const looped: Run = (x, w) =>
    repeat(4, [x, tf.neg(w)], ([state, handedOn]) => [
      tf.matMul(tf.tanh(state!), tf.mul(bfloat16(w), handedOn!)),
      handedOn!,
    ])[0]!;

  it('are computed before the loop', () => {
    const graph = graphOf(looped);
    expect(opsOf(graph)).toEqual(['negate', 'multiply', 'while']);
    expect(opsOf(loopOf(graph).attrs.body)).toEqual(['tanh', 'dot']);
  });

  it('leave nested loops in place, with literals inside', () => {
    const graph = graphOf((x, w) => {
      const half = tf.fill([2, 3], 0.5);
      return repeat(2, [x], ([outer]) =>
        repeat(3, [outer!], ([inner]) => [tf.add(tf.matMul(inner!, tf.exp(w)), half)]),
      )[0]!;
    });
    expect(opsOf(graph)).toEqual(['exponential', 'while']);
    const inner = loopOf(loopOf(graph).attrs.body);
    expect(inner.inputs).toHaveLength(2);
    expect(opsOf(inner.attrs.body)).toContain('constant');
  });
});

describe('layout of products', () => {
  const arranged = (run: Run) => graphOf(run, 'bf16-mixed', 'contract-last');

  it('contracts the last axis of the left operand, by a stored transposed copy', () => {
    const run: Run = (_x, w) => tf.matMul(bfloat16(w), bfloat16(w), true);
    const { nodes } = arranged(run);
    const dot = nodes.find(({ op }) => op === 'dot')!;
    expect(dot.attrs).toMatchObject({ contract: [[1], [0]] });
    expect(opsOf(arranged(run))).toEqual(['convert', 'transpose', 'barrier', 'dot']);
  });

  it('leaves float32 products alone', () => {
    expect(opsOf(arranged((_x, w) => tf.matMul(w, w, true)))).toEqual(['dot']);
  });
});

describe('precision', () => {
  const product: Run = (x, w) => tf.matMul(bfloat16(x), bfloat16(w));

  it('float32 drops the marks', () => {
    expect(opsOf(graphOf(product, 'float32'))).toEqual(['dot']);
  });

  it('bf16-mixed multiplies marked values in bfloat16 and accumulates in float32', () => {
    expect(optimised(product, 'bf16-mixed')).toMatchInlineSnapshot(`
      "(%0:float32[2,3], %1:float32[3,3]) {
        %2:bfloat16[2,3] = convert %0 {dtype=bfloat16}
        %3:bfloat16[3,3] = convert %1 {dtype=bfloat16}
        %4:float32[2,3] = dot %2, %3 {batch=[[],[]], contract=[[1],[0]], dtype=float32}
        return %4
      }"
    `);
  });

  it('stores a marked value that is computed, so that nobody computes it again', () => {
    const used: Run = (x) => {
      const stored = bfloat16(tf.exp(x));
      return tf.add(stored, tf.neg(stored));
    };
    expect(optimised(used, 'float32')).toMatchInlineSnapshot(`
      "(%0:float32[2,3], %1:float32[3,3]) {
        %2:float32[2,3] = exponential %0
        %3:float32[2,3] = barrier %2
        %4:float32[2,3] = negate %3
        %5:float32[2,3] = add %3, %4
        return %5
      }"
    `);
    expect(optimised(used, 'bf16-mixed')).toMatchInlineSnapshot(`
      "(%0:float32[2,3], %1:float32[3,3]) {
        %2:float32[2,3] = exponential %0
        %3:bfloat16[2,3] = convert %2 {dtype=bfloat16}
        %4:bfloat16[2,3] = barrier %3
        %5:float32[2,3] = convert %4 {dtype=float32}
        %6:float32[2,3] = negate %5
        %7:float32[2,3] = add %5, %6
        return %7
      }"
    `);
  });

  it('does not store again what a product, a loop or a move has stored', () => {
    const used: Run = (x, w) => tf.exp(bfloat16(tf.transpose(bfloat16(tf.matMul(x, w)))));
    for (const precision of ['float32', 'bf16-mixed'] as const) {
      expect(opsOf(graphOf(used, precision))).toEqual(['dot', 'transpose', 'exponential']);
    }
  });

  it('looks for marks through moves', () => {
    const moved: Run = (x, w) => {
      const padded = tf.pad(bfloat16(x), [
        [1, 0],
        [0, 0],
      ]);
      return tf.matMul(tf.reshape(padded, [3, 3]), tf.transpose(bfloat16(w)));
    };
    const dot = graphOf(moved, 'bf16-mixed').nodes.find(({ op }) => op === 'dot')!;
    expect(dot.inputs.map(({ dtype }) => dtype)).toEqual(['bfloat16', 'bfloat16']);
  });

  it('takes what is marked twice as it was stored', () => {
    const twice: Run = (x, w) => {
      const stored = bfloat16(tf.exp(x));
      const product = tf.matMul(bfloat16(w), bfloat16(tf.reshape(stored, [3, 2])));
      return tf.add(tf.reshape(product, [2, 3]), stored);
    };
    const graph = graphOf(twice, 'bf16-mixed');
    const moved = graph.nodes.find(({ op }) => op === 'reshape')!;
    const [, operand] = graph.nodes.find(({ op }) => op === 'dot')!.inputs;
    expect(operand).toBe(moved.outputs[0]);
    expect(moved.inputs).toEqual(graph.nodes.find(({ op }) => op === 'barrier')!.outputs);
  });

  it('keeps float32 where one operand is not marked', () => {
    const dot = graphOf((x, w) => tf.matMul(bfloat16(x), w), 'bf16-mixed').nodes.find(
      ({ op }) => op === 'dot',
    )!;
    expect(dot.inputs.map(({ dtype }) => dtype)).toEqual(['float32', 'float32']);
  });

  const batched: Run = (x, w) => {
    const left = bfloat16(tf.stack([x, x]));
    return tf.matMul(left, bfloat16(tf.stack([w, w])));
  };

  it('multiplies batches too', () => {
    const dot = graphOf(batched, 'bf16-mixed').nodes.find(({ op }) => op === 'dot')!;
    expect(dot.inputs.map(({ dtype }) => dtype)).toEqual(['bfloat16', 'bfloat16']);
  });

  it('leaves batches in float32 where the compiler is bad at them, and rounds nothing for it', () => {
    const { nodes } = graphOf(batched, 'bf16-mixed', 'contract-last');
    const dot = nodes.find(({ op }) => op === 'dot')!;
    expect(dot.inputs.map(({ dtype }) => dtype)).toEqual(['float32', 'float32']);
    expect(nodes.filter(({ op }) => op === 'convert')).toHaveLength(0);
  });

  it('rounds a marked product as it is written, moved or not, where the compiler is good at it', () => {
    const rounded: Run = (x, w) => tf.exp(bfloat16(tf.transpose(product(x, w) as tf.Tensor)));
    const resultOf = (products: 'any' | 'contract-last') =>
      graphOf(rounded, 'bf16-mixed', products).nodes.find(({ op }) => op === 'dot')!.outputs[0];
    expect(resultOf('any')).toMatchObject({ shape: [2, 3], dtype: 'bfloat16' });
    expect(resultOf('contract-last')).toMatchObject({ shape: [2, 3], dtype: 'float32' });
  });

  it('does not store what one element-wise operation reads', () => {
    const passedOn: Run = (x) => tf.neg(tf.reshape(bfloat16(tf.exp(x)), [6]));
    expect(opsOf(graphOf(passedOn, 'float32'))).toEqual(['exponential', 'reshape', 'negate']);
    expect(opsOf(graphOf(passedOn, 'bf16-mixed'))).not.toContain('barrier');
    const result: Run = (x) => bfloat16(tf.exp(x));
    expect(opsOf(graphOf(result, 'float32'))).toEqual(['exponential', 'barrier']);
    const summed: Run = (x) => tf.sum(bfloat16(tf.exp(x)));
    expect(opsOf(graphOf(summed, 'float32'))).toEqual(['exponential', 'barrier', 'reduce']);
  });

  it('marks gradients too', () => {
    const gradient: Run = (x, w) =>
      tf.grads((a: tf.Tensor, b: tf.Tensor) =>
        tf.sum(tf.square(bfloat16(product(a, b) as tf.Tensor))),
      )([x, w]);
    const dots = graphOf(gradient, 'bf16-mixed').nodes.filter(({ op }) => op === 'dot');
    expect(dots).toHaveLength(3);
    for (const { inputs } of dots) {
      expect(inputs.map(({ dtype }) => dtype)).toEqual(['bfloat16', 'bfloat16']);
    }
  });
});

describe('recomputation', () => {
  /** Twice a piece whose gradient needs what is inside it. */
  const gradient =
    (mark: (x: tf.Tensor) => tf.Tensor): Run =>
    (x, w) => {
      const piece = (v: tf.Tensor) =>
        recomputable(v, { w }, (input, weights) => tf.tanh(tf.matMul(mark(input), weights['w']!)));
      return tf.grad((v: tf.Tensor) => tf.sum(tf.square(piece(mark(piece(v))))))(x);
    };
  const again =
    (run: Run): Run =>
    (x, w) =>
      recomputing(() => run(x, w));
  const count = (run: Run, op: string, precision: 'float32' | 'bf16-mixed' = 'float32') =>
    opsOf(graphOf(run, precision)).filter((name) => name === op).length;

  it('is not undone: what a fence holds back is not the first computation', () => {
    const kept = gradient((x) => x);
    expect(count(kept, 'fence')).toBe(0);
    expect(count(again(kept), 'fence')).toBe(2);
    expect(count(again(kept), 'dot')).toBe(count(kept, 'dot') + 2);
    expect(count(again(kept), 'tanh')).toBe(count(kept, 'tanh') + 2);
  });

  it('does not convert what is no float', () => {
    const run: Run = (x) => {
      const [kept, other] = recomputeCheaply([tf.cast(tf.greater(x, 0), 'int32')], x);
      return tf.add(tf.cast(kept!, 'float32'), other ?? x);
    };
    const graph = graphOf(run, 'bf16-mixed', 'any', 'what-is-cheap');
    const fence = graph.nodes.find(({ op }) => op === 'fence')!;
    expect(fence.inputs.map(({ dtype }) => dtype)).toEqual(['int32', 'float32']);
  });

  it('keeps operands in bfloat16 where they are', () => {
    const marked = again(gradient((x) => bfloat16(x)));
    const fences = graphOf(marked, 'bf16-mixed').nodes.filter(({ op }) => op === 'fence');
    expect(fences.map(({ inputs }) => inputs[0]!.dtype)).toEqual(['bfloat16', 'float32']);
  });

  it('of what is cheap is for compilers that would rather not keep it', () => {
    const silu = (x: tf.Tensor) => tf.mul(x, tf.sigmoid(x));
    const cheap: Run = (x) => {
      const dy = tf.neg(x);
      const [again] = recomputeCheaply([x], dy);
      return tf.add(silu(x), tf.mul(dy, silu(again!)));
    };
    const opsWith = (recomputes: Recomputes) => opsOf(graphOf(cheap, 'float32', 'any', recomputes));
    const once = ['negate', 'sigmoid', 'multiply', 'multiply', 'add'];
    expect(opsWith('what-is-asked').toSorted()).toEqual(once.toSorted());
    const twice = [...once, 'fence', 'sigmoid', 'multiply'];
    expect(opsWith('what-is-cheap').toSorted()).toEqual(twice.toSorted());
  });
});
