/**
 * Supervision steps of models in ONNX Runtime against the same steps on an engine. They need Python
 * with `onnx`, `onnxruntime` and `safetensors`: `EDDY_PYTHON` names it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { evaluationProgram, initialise } from '@eddy/core/training';
import {
  randomStream,
  type DatasetMetadata,
  type Model,
  type ParameterSpec,
  type Plugin,
} from '@eddy/core';
import { readHostTree, writeSafetensors } from '@eddy/core/checkpoint';
import { type HostTensor, type HostTree, type Program } from '@eddy/tensor';
import { freshFolder } from '@eddy/core/testing';
import { createEagerEngine } from '@eddy/engines';
import { exportOnnx } from '@eddy/compiler/onnx';
import hrm from '@eddy/models/hrm';
import transformer from '@eddy/models/transformer';
import trm from '@eddy/models/trm';
import trmHier6 from '@eddy/models/trm-hier6';
import trmSinglez from '@eddy/models/trm-singlez';
import { expect, it } from 'vitest';

const python = process.env['EDDY_PYTHON'] ?? 'python3';
const STEPS = 3;
const BATCH = 3;
const OUTPUTS = ['preds', 'q_halt_logits', 'logits'];

const RUN = `
import sys, numpy, onnx, onnxruntime
from safetensors.numpy import load_file, save_file
folder = sys.argv[1]
onnx.checker.check_model(folder + "/model.onnx", full_check=True)
session = onnxruntime.InferenceSession(folder + "/model.onnx", providers=["CPUExecutionProvider"])
names = [item.name for item in session.get_outputs()]
wanted = {item.name for item in session.get_inputs()}
for step in range(int(sys.argv[2])):
    feeds = {k: v for k, v in load_file(f"{folder}/feeds-{step}.safetensors").items() if k in wanted}
    outputs = dict(zip(names, session.run(names, feeds)))
    arrays = {name: numpy.asarray(value, order="C") for name, value in outputs.items()}
    save_file(arrays, f"{folder}/results-{step}.safetensors")
`;

const folder = freshFolder();

const metadata: DatasetMetadata = {
  vocabSize: 7,
  seqLen: 16,
  numPuzzleIdentifiers: 5,
  grid: { rows: 4, cols: 4 },
  task: 'sudoku',
  padId: 0,
  ignoreLabelId: 0,
  blankIdentifierId: 0,
  splits: {},
};

const WIDTH = { hiddenSize: 32, numHeads: 4 };
const SMALL = { ...WIDTH, numLayers: 2, hCycles: 3, lCycles: 4 };

const CASES: [string, Plugin<'model'>, Record<string, unknown>][] = [
  ['trm, attention', trm, SMALL],
  ['trm, MLP', trm, { ...SMALL, mlpT: true, positionEncoding: 'none' }],
  [
    'trm, learned positions, Q-continue',
    trm,
    { ...SMALL, positionEncoding: 'learned', noActContinue: false },
  ],
  ['trm, no puzzle embedding, one cycle', trm, { ...SMALL, hCycles: 1, puzzleEmbeddingDim: 0 }],
  ['trm-singlez', trmSinglez, SMALL],
  ['trm-hier6', trmHier6, SMALL],
  ['hrm', hrm, { ...WIDTH, hLayers: 2, lLayers: 1, hCycles: 2, lCycles: 3 }],
  ['transformer', transformer, { ...WIDTH, numLayers: 3 }],
  ['transformer, heads that do not divide the width', transformer, { ...WIDTH, numHeads: 3 }],
];

it.for(CASES)('%s: three steps equal', async ([, plugin, options], { skip }) => {
  if (spawnSync(python, ['-c', 'import onnx, onnxruntime, safetensors']).status !== 0) {
    skip(`${python} has no onnx, onnxruntime and safetensors; set EDDY_PYTHON`);
  }
  const model = await plugin.create(plugin.config.parse(options), { dataset: metadata } as never);
  const weights = randomWeights(model);
  const sizes = { batchSize: BATCH, seqLen: 16 };
  const program = evaluationProgram(model, sizes, { outputs: OUTPUTS });
  const steps = await onEngine(program, model, weights);

  const outputs = Object.fromEntries(OUTPUTS.map((name) => [`outputs/${name}`, name]));
  const bytes = exportOnnx(program, { weights, outputs, metadata: { by: 'test' } });
  writeFileSync(join(folder.path, 'model.onnx'), bytes);
  for (const [step, { feeds }] of steps.entries()) {
    await writeSafetensors(join(folder.path, `feeds-${step}.safetensors`), feeds);
  }
  execFileSync(python, ['-c', RUN, folder.path, String(STEPS)]);
  for (const [step, { outputs: ours, carry }] of steps.entries()) {
    const theirs = await readHostTree(join(folder.path, `results-${step}.safetensors`));
    for (const name of OUTPUTS) {
      expect(difference(ours[`outputs/${name}`]!, theirs[name]!), name).toBeLessThan(1e-4);
    }
    const next = Object.keys(theirs).filter((name) => name.startsWith('next/'));
    expect(next.length).toBeGreaterThan(2);
    for (const name of next) {
      const own = carry[name.slice('next/'.length)]!;
      expect(difference(own, theirs[name]!), name).toBeLessThan(1e-4);
    }
    // Not one answer for everything, or the comparison would say little.
    expect(new Set(theirs['logits']!.data).size).toBeGreaterThan(100);
    expect(new Set(theirs['q_halt_logits']!.data).size).toBe(BATCH);
    // What no answer depends on is not in the model.
    expect(next).not.toContain('next/carry/labels');
  }
});

interface Step {
  readonly feeds: HostTree;
  readonly outputs: HostTree;
  /** After the step. */
  readonly carry: HostTree;
}

/** Steps on the engine. Each is compared by itself: rounding grows from step to step. */
async function onEngine(program: Program, model: Model, weights: HostTree): Promise<Step[]> {
  const batch = {
    'batch/inputs': ints([BATCH, 16], (i) => (i * 5) % 7),
    'batch/labels': ints([BATCH, 16], () => -100),
    'batch/puzzleIdentifiers': ints([BATCH], (i) => i + 1),
  };
  const engine = await createEagerEngine({ backend: 'cpu' });
  const executable = await engine.compile(program);
  let carry = under('carry', model.initialCarry(BATCH));
  const state = await engine.upload({ ...weights, ...carry });
  const steps: Step[] = [];
  for (let step = 0; step < STEPS; step++) {
    const inputs = { ...batch, restart: ints([BATCH], () => (step === 0 ? 1 : 0)) };
    const feeds = { ...carry, ...inputs };
    const fetch = OUTPUTS.map((name) => `outputs/${name}`);
    const outputs = await executable.run(state, inputs, { fetch });
    carry = await state.read(Object.keys(carry));
    steps.push({ feeds, outputs, carry });
  }
  await engine.dispose();
  return steps;
}

/** First values, but none constant: the heads would say the same of everything. */
function randomWeights(model: Model): HostTree {
  const random = randomStream(3);
  const drawn = (folder: string, specs: Readonly<Record<string, ParameterSpec>>) =>
    Object.entries(specs).map(([name, spec]): [string, HostTensor] => {
      const std = spec.init.kind === 'constant' ? 0.1 : spec.init.std;
      const init = { kind: 'truncated-normal', std } as const;
      const data = initialise({ ...spec, init }, random.stream(folder, name));
      return [`${folder}/${name}`, { shape: spec.shape, dtype: 'float32', data }];
    });
  const tables = Object.entries(model.tables).map(([name, { rows, dim, init }]) => [
    name,
    { shape: [rows, dim], init },
  ]);
  return Object.fromEntries([
    ...drawn('parameters', model.parameters),
    ...drawn('buffers', model.buffers),
    ...drawn('tables', Object.fromEntries(tables) as Record<string, ParameterSpec>),
  ]);
}

function ints(shape: readonly number[], value: (i: number) => number): HostTensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, dtype: 'int32', data: Int32Array.from({ length: size }, (_, i) => value(i)) };
}

function under(folder: string, tree: HostTree): HostTree {
  return Object.fromEntries(Object.entries(tree).map(([name, t]) => [`${folder}/${name}`, t]));
}

function difference(a: HostTensor, b: HostTensor): number {
  expect(b.shape).toEqual(a.shape);
  return Math.max(...Array.from(a.data, (value, i) => Math.abs(value - b.data[i]!)));
}
