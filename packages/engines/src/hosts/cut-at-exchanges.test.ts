import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { StepRunner } from '@eddy/core/training';
import type { Engine } from '@eddy/core';
import {
  bfloat16,
  gatherOverDevices,
  sumOverDevices,
  type HostTensor,
  type HostTree,
  type Program,
} from '@eddy/tensor';
import { halfAverage, momentum, signDescent, toyModel } from '@eddy/core/testing';
import { describe, expect, it } from 'vitest';

import { interpret, optimise, trace } from '@eddy/compiler';
import { type CutProgram, cutAtExchanges } from '@eddy/compiler/engine';

const HOSTS = 2;
const ROWS = 4;

/** Two rounds of exchanges; a state tensor whose old value is read after them; rows; a table's ids. */
const program: Program = {
  name: 'step',
  state: {
    weight: { shape: [3], dtype: 'float32' },
    carry: { shape: [ROWS, 3], dtype: 'float32' },
  },
  inputs: {
    x: { shape: [ROWS, 3], dtype: 'float32' },
    ids: { shape: [ROWS], dtype: 'int32' },
    rate: { shape: [], dtype: 'float32' },
  },
  sharing: { state: { carry: 0 }, inputs: { x: 0, ids: 0 }, outputs: { y: 0 } },
  run({ weight, carry }, { x, ids, rate }) {
    const seen = tf.mul(x!, weight!);
    const mean = tf.mul(sumOverDevices(tf.sum(seen, 0)), 1 / ROWS);
    const centred = tf.sub(seen, mean);
    const variance = tf.mul(sumOverDevices(tf.sum(tf.square(centred), 0)), 1 / ROWS);
    const y = tf.add(tf.div(centred, tf.sqrt(tf.add(variance, 1))), carry!);
    return {
      state: { weight: tf.add(weight!, tf.mul(variance, rate!)), carry: bfloat16(tf.exp(seen)) },
      outputs: { y, ids: gatherOverDevices(ids!) },
    };
  },
};

const floats = (shape: readonly number[], value: (i: number) => number): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
});
const state: HostTree = {
  weight: floats([3], (i) => i - 1.5),
  carry: floats([ROWS, 3], (i) => i / 16),
};
const inputs: HostTree = {
  x: floats([ROWS, 3], (i) => ((i * 7) % 5) - 2),
  ids: { shape: [ROWS], dtype: 'int32', data: Int32Array.of(5, 6, 7, 8) },
  rate: floats([], () => 0.5),
};

function graphFor(devices: number) {
  return optimise(trace(program, { devices }), { precision: 'float32' });
}

/** A host's rows of the tensors that have some. */
function rowsOf(tree: HostTree, host: number): HostTree {
  return Object.fromEntries(
    Object.entries(tree).map(([name, tensor]) => {
      if (tensor.shape[0] !== ROWS) return [name, tensor];
      const size = tensor.data.length / HOSTS;
      const shape = tensor.shape.with(0, ROWS / HOSTS);
      return [name, { ...tensor, shape, data: tensor.data.slice(host * size, (host + 1) * size) }];
    }),
  );
}

/** Runs the parts on each host, one after the other, with what they exchange in between. */
function runParts({ parts, exchanges }: CutProgram): { state: HostTree; outputs: HostTree }[] {
  const hosts = [0, 1].map((host) => ({
    state: { ...rowsOf(state, host) },
    inputs: { ...rowsOf(inputs, host) },
    outputs: {} as Record<string, HostTensor>,
  }));
  for (const part of parts) {
    for (const host of hosts) {
      const result = interpret(part, host.state, host.inputs);
      Object.assign(host.state, result.state);
      Object.assign(host.outputs, result.outputs);
    }
    for (const { name, kind } of exchanges) {
      const [first, second] = hosts.map(({ outputs }) => outputs[name]);
      if (first === undefined || second === undefined) continue;
      const whole =
        kind === 'sum'
          ? { ...first, data: Float32Array.from(first.data, (a, i) => a + second.data[i]!) }
          : {
              ...first,
              shape: first.shape.with(0, ROWS),
              data: Int32Array.from([...first.data, ...second.data]),
            };
      for (const host of hosts) Object.assign(host.inputs, { [name]: whole });
    }
  }
  return hosts;
}

describe('a program cut for two hosts', () => {
  it('computes in three parts what one device computes in one', () => {
    const cut = cutAtExchanges(graphFor(HOSTS), HOSTS);
    expect(cut.parts.map(({ name }) => name)).toEqual(['step.1', 'step.2', 'step.3']);
    const whole = interpret(graphFor(1), state, inputs);
    for (const [index, host] of runParts(cut).entries()) {
      const expected = rowsOf(whole.state, index);
      for (const [name, { data }] of Object.entries(expected)) {
        data.forEach((x, i) => expect(host.state[name]!.data[i], name).toBeCloseTo(x, 6));
      }
      const { y } = rowsOf(whole.outputs, index);
      y!.data.forEach((x, i) => expect(host.outputs['y']!.data[i]).toBeCloseTo(x, 6));
      expect(host.outputs['ids']!.data).toEqual(Int32Array.of(5, 6, 7, 8));
    }
  });

  it('leaves on the device what later parts need, and takes inputs where they are read', () => {
    const { parts } = cutAtExchanges(graphFor(HOSTS), HOSTS);
    const names = parts.map((part) => ({
      takes: part.arguments.map(({ name }) => name).sort(),
      gives: part.results.map(({ name }) => name).sort(),
    }));
    expect(names).toEqual([
      {
        takes: ['ids', 'weight', 'x'],
        gives: ['exchange/0', 'exchange/2', 'live/1', 'live/2'],
      },
      {
        takes: ['exchange/0', 'exchange/2', 'live/2'],
        gives: ['exchange/1', 'ids', 'live/0'],
      },
      {
        takes: ['carry', 'exchange/1', 'live/0', 'live/1', 'rate', 'weight'],
        gives: ['carry', 'weight', 'y'],
      },
    ]);
  });

  it('exchanges on each host first what its devices have', () => {
    const { parts } = cutAtExchanges(graphFor(4), HOSTS);
    expect(parts.map(({ devices }) => devices)).toEqual([2, 2, 2]);
    const ops = parts.map(({ graph }) =>
      graph.nodes.filter(({ op }) => op.startsWith('all')).map(({ op }) => op),
    );
    expect(ops).toEqual([['allReduce', 'allGather'], ['allReduce'], []]);
  });

  it('stays whole where nothing is exchanged', () => {
    const alone: Program = {
      ...program,
      run: ({ carry }, { x }) => ({ state: { carry: tf.add(carry!, x!) }, outputs: {} }),
      sharing: { state: { carry: 0 }, inputs: { x: 0, ids: 0 } },
    };
    const traced = optimise(trace(alone, { devices: HOSTS }), { precision: 'float32' });
    const { parts, exchanges } = cutAtExchanges(traced, HOSTS);
    expect(exchanges).toEqual([]);
    expect(parts.map(({ name }) => name)).toEqual(['step']);
  });
});

describe('a training step', () => {
  /** Names of the parts of each program of a step over 8 rows. */
  async function partsOfStep(microBatchSize: number): Promise<string[][]> {
    const programs: Program[] = [];
    const recording = {
      compile: (compiled: Program) => {
        programs.push(compiled);
        return Promise.resolve({});
      },
    } as unknown as Engine;
    const parts = {
      model: toyModel({ vocabSize: 5, seqLen: 3 }),
      optimizer: momentum(0.1),
      rowOptimizer: signDescent(0.001),
      averager: halfAverage,
    };
    await StepRunner.compile(recording, parts, { globalBatchSize: 8, microBatchSize, seqLen: 3 });
    return programs.map((of) => {
      const traced = optimise(trace(of, { devices: HOSTS }), { precision: 'float32' });
      expect(traced.devices).toBe(HOSTS);
      return cutAtExchanges(traced, HOSTS).parts.map(({ name }) => name);
    });
  }

  it('exchanges once', async () => {
    expect(await partsOfStep(8)).toEqual([['train-step.1', 'train-step.2']]);
  });

  it('over micro-batches exchanges once, too: in the call that updates', async () => {
    expect(await partsOfStep(4)).toEqual([
      ['train-accumulate'],
      ['train-apply.1', 'train-apply.2'],
    ]);
  });
});
