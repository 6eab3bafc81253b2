import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { randomStream } from '@eddy/core';
import { EddyError, repeat, type Program } from '@eddy/tensor';
import { beforeEach, describe, expect, it } from 'vitest';

import { printGraph } from '../graph/print.ts';
import { trace } from './trace.ts';

const X = { shape: [2, 3], dtype: 'float32' } as const;

function program(run: (x: tf.Tensor) => tf.Tensor | tf.Tensor[]): Program {
  return {
    name: 'test',
    state: {},
    inputs: { x: X },
    run: (_state, inputs) => {
      const result = run(inputs['x']!);
      const results = Array.isArray(result) ? result : [result];
      return { state: {}, outputs: Object.fromEntries(results.map((y, i) => [`y${i}`, y])) };
    },
  };
}

function failure(f: () => unknown): EddyError {
  try {
    f();
  } catch (error) {
    if (error instanceof EddyError) return error;
    throw error;
  }
  throw new Error('did not throw');
}

beforeEach(() => tf.setBackend('cpu'));

describe('trace', () => {
  it('takes nothing where a strided slice ends before it begins', () => {
    const { graph } = trace(program((x) => tf.stridedSlice(x, [0, 5], [2, 1], [1, 1])));
    expect(graph.outputs[0]!.shape).toEqual([2, 0]);
  });

  it('blames a program for no read of one that failed before', () => {
    const failing = program((x) => {
      void x.data();
      throw new Error('of its own');
    });
    expect(() => trace(failing)).toThrow('of its own');
    expect(trace(program(tf.neg)).graph.nodes.map(({ op }) => op)).toEqual(['negate']);
  });

  it('writes operations and their gradients down', () => {
    const traced = trace(program((x) => tf.grad((v) => tf.sum(tf.square(v)))(x)));
    expect(printGraph(traced.graph)).toMatchInlineSnapshot(`
      "(%0:float32[2,3]) {
        %1:float32[2,3] = multiply %0, %0
        %2:float32[] = reduce %1 {kind=sum, axes=[0,1]}
        %3:float32[] = constant {data=[1]}
        %4:float32[1,1] = reshape %3 {shape=[1,1]}
        %5:float32[] = constant {data=[1]}
        %6:float32[2,3] = broadcastInDim %5 {shape=[2,3], axes=[]}
        %7:float32[2,3] = broadcastInDim %4 {shape=[2,3], axes=[0,1]}
        %8:float32[2,3] = multiply %7, %6
        %9:float32[] = constant {data=[2]}
        %10:float32[2,3] = broadcastInDim %9 {shape=[2,3], axes=[]}
        %11:float32[2,3] = multiply %0, %10
        %12:float32[2,3] = multiply %8, %11
        return %12
      }"
    `);
  });

  it('traces the body of repeat once, with what it uses from outside', () => {
    const traced = trace(
      program((x) => {
        const scale = tf.exp(x);
        return repeat(4, [x], ([state]) => [tf.mul(state!, scale)])[0]!;
      }),
    );
    expect(printGraph(traced.graph)).toMatchInlineSnapshot(`
      "(%0:float32[2,3]) {
        %1:float32[2,3] = exponential %0
        %2:float32[2,3] = while %0, %1 {times=4} (%3:float32[2,3], %4:float32[2,3]) {
          %5:float32[2,3] = multiply %3, %4
          return %5
        }
        return %2
      }"
    `);
  });

  it('leaves the backend and the number of tensors as they were', () => {
    const before = tf.memory().numTensors;
    const run = (x: tf.Tensor) => {
      let kept: tf.Tensor | undefined;
      const gradient = tf.grad((v) => tf.sum((kept = tf.keep(tf.tanh(v)))))(x);
      return [gradient, kept!];
    };
    trace(program(run));
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('restores the backend after an error', () => {
    const before = tf.memory().numTensors;
    expect(() => trace(program((x) => tf.unique(x).values))).toThrow('TRACE_UNSUPPORTED_OP');
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.tensor1d([1, 2]).sum().dataSync()[0]).toBe(3);
  });

  it('orders arguments as the program declares them, results by state then outputs', () => {
    const traced = trace({
      name: 'two',
      state: { b: X, a: X },
      inputs: { z: X },
      run: ({ a, b }, { z }) => ({
        state: { a: tf.add(a!, z!), b: tf.neg(b!) },
        outputs: { sum: tf.sum(a!) },
      }),
    });
    expect(traced.arguments.map(({ name }) => name)).toEqual(['b', 'a', 'z']);
    expect(traced.results.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'state b',
      'state a',
      'output sum',
    ]);
  });
});

describe('trace refuses', () => {
  it('reading a value, with the function and the place', () => {
    const error = failure(() => trace(program((x) => tf.mul(x, x.dataSync()[0]!))));
    expect(error.code).toBe('TRACE_VALUE_READ');
    expect(error.facts.message).toContain('dataSync');
    expect(error.facts.at).toContain('trace.test.ts:');
  });

  it('reading a value asynchronously', () => {
    const run = (x: tf.Tensor) => {
      void x.data();
      return x;
    };
    expect(failure(() => trace(program(run))).code).toBe('TRACE_VALUE_READ');
  });

  it('random operations', () => {
    const error = failure(() => trace(program((x) => tf.add(x, tf.randomNormal([2, 3])))));
    expect(error.code).toBe('TRACE_NOT_DETERMINISTIC');
  });

  it('numbers that change between two runs', () => {
    const stream = randomStream(1);
    const error = failure(() => trace(program((x) => tf.mul(x, stream.uniform()))));
    expect(error.code).toBe('TRACE_NOT_DETERMINISTIC');
  });

  it('tensors from outside', () => {
    const outside = tf.tensor2d([[1, 2, 3]]);
    const error = failure(() => trace(program((x) => tf.add(x, outside))));
    expect(error.code).toBe('TRACE_FOREIGN_TENSOR');
    expect(error.facts.received).toBe('float32[1,3]');
    outside.dispose();
  });

  it('tensors that tidy has disposed', () => {
    let inner: tf.Tensor | undefined;
    const run = (x: tf.Tensor) => {
      tf.tidy(() => {
        inner = tf.exp(x);
      });
      return inner!;
    };
    expect(failure(() => trace(program(run))).code).toBe('TRACE_DISPOSED_TENSOR');
  });

  it('kernels that it does not know, by name and place', () => {
    const run = (x: tf.Tensor) => tf.unique(x).values;
    const error = failure(() => trace(program(run)));
    expect(error.code).toBe('TRACE_UNSUPPORTED_OP');
    expect(error.facts.message).toContain('Unique');
    expect(error.facts.message).toContain('shape that depends on values');
    expect(error.facts.fix).toContain('engine cpu');
    expect(error.facts.at).toContain('trace.test.ts:');
  });

  it('dtypes that it does not know', () => {
    const text = failure(() =>
      trace(program((x) => tf.concat([tf.cast(tf.tensor(['a']), 'float32'), x]))),
    );
    expect(text.code).toBe('TRACE_UNSUPPORTED_DTYPE');
    expect(text.facts.received).toBe('string');
  });

  it('complex numbers where none can be, with the way out', () => {
    for (const run of [
      (x: tf.Tensor) => tf.complex(x, x),
      (x: tf.Tensor) => tf.relu(tf.complex(x, x)),
    ]) {
      const error = failure(() => trace(program(run)));
      expect(error.code).toBe('TRACE_UNSUPPORTED_DTYPE');
      expect(error.facts.fix).toContain('tf.real');
    }
  });

  it('shapes that do not fit, as the user’s error', () => {
    const error = failure(() => trace(program((x) => tf.reshape(x, [7]))));
    expect(error.code).toBe('TRACE_SHAPE_MISMATCH');
    expect(error.facts.received).toContain('float32[2,3]');
    expect(error.facts.at).toContain('trace.test.ts:');
  });

  it('a body of repeat that changes the shape of its state', () => {
    const run = (x: tf.Tensor) => repeat(3, [x], ([state]) => [tf.transpose(state!)])[0]!;
    const error = failure(() => trace(program(run)));
    expect(error.code).toBe('TRACE_REPEAT_STATE');
    expect(error.facts.expected).toBe('float32[2,3]');
    expect(error.facts.received).toBe('float32[3,2]');
  });

  it('a tensor that escapes from the body of repeat', () => {
    let escaped: tf.Tensor | undefined;
    const run = (x: tf.Tensor) => {
      repeat(3, [x], ([state]) => {
        escaped = tf.keep(tf.exp(state!));
        return [escaped];
      });
      return tf.add(x, escaped!);
    };
    expect(failure(() => trace(program(run))).code).toBe('TRACE_ESCAPED_TENSOR');
  });

  it('state of another shape or an unknown name', () => {
    const stateful = (name: string, shape: number[]): Program => ({
      name: 'state',
      state: { weights: X },
      inputs: {},
      run: () => ({ state: { [name]: tf.zeros(shape) }, outputs: {} }),
    });
    const wrongShape = failure(() => trace(stateful('weights', [3, 2])));
    expect(wrongShape.code).toBe('TRACE_RESULT_MISMATCH');
    expect(wrongShape.facts.expected).toBe('float32[2,3]');
    expect(failure(() => trace(stateful('wieghts', [2, 3]))).code).toBe('TRACE_RESULT_MISMATCH');
  });
});
