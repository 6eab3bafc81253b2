import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { engineSuite, freshFolder } from '@eddy/core/testing';
import {
  add,
  gather,
  matMul,
  mul,
  setBackend,
  sum,
  tensorScatterUpdate,
} from '@tensorflow/tfjs-core';
import { repeat, zeros, type HostTree, type Program } from '@eddy/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findTensorflow } from '@eddy/installer';
import type { InstalledEngine } from '@eddy/installer';
import { optimise, trace } from '@eddy/compiler';
import { lowerTensorflow } from '@eddy/compiler/tensorflow';
import type { HostedEngine } from '../process/hosted-engine.ts';
import { difference } from '@eddy/compiler/testing';
import { failure } from '@eddy/core/testing';
import { opSuite } from '../testing/op-suite.ts';
import { runOnTfjs } from '@eddy/compiler/testing';
import { testCacheFolder } from '../testing/test-engines.ts';
import { SMALL, TINY, trmStep, trmStepValues } from '../testing/trm-step.ts';
import { dtypeCode, unsupportedAttrs, loadBinding } from './host/binding.ts';
import { deleteAll, disposeBlock, loadBlock, runBlock } from './host/run-block.ts';
import { createTensorflowEngine } from './tensorflow-engine.ts';

const project = freshFolder();

const installed = await findTensorflow(testCacheFolder());
if (installed === null) {
  it('engine tensorflow', ({ skip }) => {
    skip('engine tensorflow is not installed: pipeline engines install tensorflow');
  });
} else {
  // The suite counts TF.js's tensors, which starts a backend where none has been started.
  beforeAll(() => setBackend('cpu'));
  engineSuite('tensorflow', () => createTensorflowEngine(installed));
  opSuite('tensorflow', () => createTensorflowEngine(installed));
  ownSuite(installed);
}

const SCALAR = { shape: [], dtype: 'float32' } as const;
const scalar = (value: number) => ({ ...SCALAR, data: Float32Array.of(value) });

const doubling: Program = {
  name: 'doubling',
  state: { x: SCALAR },
  inputs: {},
  run: ({ x }) => ({ state: { x: mul(x!, 2) }, outputs: { before: x! } }),
};

function ownSuite(binding: InstalledEngine): void {
  describe('programs on tensorflow', () => {
    let engine: HostedEngine;
    beforeAll(async () => {
      engine = await createTensorflowEngine(binding);
    });
    afterAll(() => engine.dispose());

    it('gives the loss, gradients and updates of TF.js on a TRM training step', async () => {
      const program = trmStep({ ...SMALL, batch: 4 });
      const { state, inputs } = trmStepValues(program);
      const expected = await runOnTfjs('cpu', program, state, inputs);
      const executable = await engine.compile(program);
      const tree = await engine.upload(state);
      const fetch = Object.keys(expected.outputs);
      const outputs = await executable.run(tree, inputs, { fetch });
      const loss = { loss: expected.outputs['loss']! };
      expect(difference(loss, outputs, { relative: 1e-4, absolute: 0 })).toBeUndefined();
      for (const name of fetch.filter((output) => output.startsWith('gradients/'))) {
        expect(relativeDifference(name, expected.outputs, outputs)).toBeUndefined();
      }
      const updated = await tree.read();
      for (const name of Object.keys(expected.state)) {
        expect(relativeDifference(name, expected.state, updated)).toBeUndefined();
      }
    });

    it('passes over ids outside of the rows, and reads the nearest row', async () => {
      const rows = { shape: [3, 1], dtype: 'float32', data: Float32Array.of(1, 2, 3) } as const;
      const ids = { shape: [3], dtype: 'int32', data: Int32Array.of(-1, 1, 7) } as const;
      const executable = await engine.compile({
        name: 'rows',
        state: {},
        inputs: { rows, ids },
        run: (_state, { rows, ids }) => ({
          state: {},
          outputs: {
            read: gather(rows!, ids as never),
            written: tensorScatterUpdate(rows!, ids!.reshape([3, 1]), mul(rows!, 10)),
          },
        }),
      });
      const state = await engine.upload({});
      const outputs = await executable.run(state, { rows, ids }, { fetch: ['read', 'written'] });
      expect([...outputs['read']!.data]).toEqual([1, 2, 3]);
      expect([...outputs['written']!.data]).toEqual([1, 20, 3]);
    });

    it('says OUT_OF_MEMORY when there is no room, and goes on with its state as it was', async () => {
      const side = 3_000_000;
      const column = { shape: [side, 1], dtype: 'float32', data: new Float32Array(side) } as const;
      const huge = await engine.compile({
        name: 'huge',
        state: { x: SCALAR },
        inputs: { column },
        run: ({ x }, { column }) => {
          const outer = matMul(column!, column!, false, true);
          return { state: { x: add(x!, sum(outer)) }, outputs: {} };
        },
      });
      const state = await engine.upload({ x: scalar(3) });
      const error = await failure(huge.run(state, { column }));
      expect(error.code).toBe('OUT_OF_MEMORY');
      expect(error.facts.at).toBe('huge');
      const executable = await engine.compile(doubling);
      await executable.run(state, {});
      expect([...(await state.read())['x']!.data]).toEqual([6]);
    });

    it('takes nothing with it when its process dies', async () => {
      const mortal = await createTensorflowEngine(binding);
      const executable = await mortal.compile(doubling);
      const state = await mortal.upload({ x: scalar(1) });
      process.kill(mortal.pid!, 'SIGKILL');
      expect((await failure(executable.run(state, {}))).code).toBe('ENGINE_DIED');
      await mortal.dispose();
    });

    it('says what the loader said about a library that cannot be loaded', async () => {
      const pluginPath = join(tmpdir(), 'no-such-binding.node');
      const error = await failure(createTensorflowEngine({ ...binding, pluginPath }));
      expect(error.code).toBe('PLUGIN_NOT_LOADED');
      expect(error.facts.received).toContain('no-such-binding');
    });
  });

  describe('tensors in TensorFlow', () => {
    const tensorflow = loadBinding(binding.pluginPath);

    it.each([
      ['a TRM step', trmStep(TINY)],
      ['a loop with a captured tensor', loop()],
    ])('are as many after many runs of %s as before', async (_, program) => {
      const before = tensorflow.getNumOfTensors();
      const { graph, arguments: args } = optimise(trace(program), { precision: 'float32' });
      const lacks = unsupportedAttrs(tensorflow);
      const block = loadBlock(tensorflow, lowerTensorflow(graph), lacks);
      const handles = args.map(({ spec }) => {
        const { data } = zeros(spec);
        return tensorflow.createTensor(spec.shape, dtypeCode(tensorflow, spec.dtype), data);
      });
      const during = tensorflow.getNumOfTensors();
      for (let i = 0; i < 25; i++) {
        deleteAll(tensorflow, await runBlock(tensorflow, block, handles));
        expect(tensorflow.getNumOfTensors()).toBe(during);
      }
      deleteAll(tensorflow, handles);
      disposeBlock(tensorflow, block);
      expect(tensorflow.getNumOfTensors()).toBe(before);
    });
  });

  describe("the vendor's binding", () => {
    it('is taken as it is, where npm has installed it', async () => {
      const folder = join(project.path, 'node_modules/@tensorflow/tfjs-node');
      const lib = join(folder, 'lib/napi-v8');
      mkdirSync(lib, { recursive: true });
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: '4.22.0' }));
      copyFileSync(binding.pluginPath, join(lib, 'tfjs_binding.node'));
      symlinkSync(join(dirname(binding.pluginPath), 'tensorflow'), join(lib, 'tensorflow'));
      const found = await findTensorflow(join(project.path, 'no-cache'), project.path);
      expect(found?.pluginVersion).toBe('@tensorflow/tfjs-node 4.22.0');
      const engine = await createTensorflowEngine(found!);
      expect(engine.info.description).toContain('@tensorflow/tfjs-node 4.22.0');
      await engine.dispose();
    });
  });
}

function loop(): Program {
  return {
    name: 'loop',
    state: { x: { shape: [8, 8], dtype: 'float32' } },
    inputs: { scale: SCALAR },
    run: ({ x }, { scale }) => {
      const [result] = repeat(3, [x!], ([y]) => [mul(matMul(y!, x!), scale!)]);
      return { state: { x: add(result!, x!) }, outputs: { total: sum(result!), before: x! } };
    },
  };
}

function relativeDifference(name: string, expected: HostTree, received: HostTree) {
  const largest = Math.max(...Array.from(expected[name]!.data, Math.abs));
  const tolerance = { relative: 0, absolute: 1e-3 * largest };
  return difference({ [name]: expected[name]! }, received, tolerance);
}
