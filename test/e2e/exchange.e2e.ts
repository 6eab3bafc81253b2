/** Weights out of a run and into a checkpoint again, in the formats of other tools. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { loadCheckpoint, readSafetensors, stateHash } from '@eddy/core/checkpoint';
import { readTorchFile } from '@eddy/interop';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Workplace } from './eddy-cli.ts';

const PIPELINE = `
name: exchanged
seed: 1
engine: wasm
loggers: []
build:
  dataset: { use: sudoku, source: { generator: { size: 4, train: 8, test: 4 } } }
train:
  model: { use: trm, hiddenSize: 16, numHeads: 2, numLayers: 1, hCycles: 2, lCycles: 1, haltMaxSteps: 2 }
  optimizer: { use: adam-atan2, learningRate: 1e-3 }
  rowOptimizer: { use: sign-sgd }
  averager: { use: ema, rate: 0.9 }
  globalBatchSize: 4
  epochs: 4
evaluate: {}
`;
const PUZZLE = '12..|..1.|.1..|..2.';

let place: Workplace;
const at = (name: string) => join(place.folder, name);
beforeAll(() => {
  place = new Workplace();
  place.write('p.yml', PIPELINE);
  expect(place.eddy('run', 'p.yml', '--run-dir', 'r')).toMatchObject({ status: 0 });
});
afterAll(() => place.remove());

const exported = (format: string, file: string, ...more: string[]) =>
  expect(place.eddy('export', 'r', '--format', format, '-o', file, ...more)).toMatchObject({
    status: 0,
  });

describe('export', () => {
  it('to safetensors has our names, or the reference’s, and says what it is', async () => {
    exported('safetensors', 'ours.safetensors');
    exported('safetensors', 'theirs.safetensors', '--names', 'reference');
    const ours = await readSafetensors(at('ours.safetensors'));
    const theirs = await readSafetensors(at('theirs.safetensors'));
    expect([...ours.tensors.keys()]).toContain('parameters/embedTokens');
    expect([...theirs.tensors.keys()]).toContain('model.inner.embed_tokens.embedding_weight');
    expect(theirs.metadata.get('averaged')).toBe('true');
    expect(JSON.parse(theirs.metadata.get('model')!)).toMatchObject({ use: 'trm', hiddenSize: 16 });
  });

  it('to ONNX writes a model', () => {
    exported('onnx', 'm.onnx', '--batch-size', '2');
    const text = readFileSync(at('m.onnx')).toString('latin1');
    expect(text).toContain('next/carry/z_H');
    expect(text).not.toContain('carry/labels');
  });

  it('does not write over a file', () => {
    place.write('there', '');
    const { status, stderr } = place.eddy('export', 'r', '--format', 'onnx', '-o', 'there');
    expect(status).toBe(2);
    expect(stderr).toContain('OUTPUT_EXISTS');
  });
});

describe('import', () => {
  it('of the exported state dict is the same model', async () => {
    exported('state-dict', 'step_8');
    const { tensors } = await readTorchFile(at('step_8'));
    expect(tensors.get('model.inner.H_init')!.dtype).toBe('BF16');
    const made = place.eddy('import', 'step_8', '--pipeline', 'p.yml', '-o', 'made');
    expect(made).toMatchObject({ status: 0, stdout: `${at('made/step-00000008')}\n` });

    const imported = await loadCheckpoint(at('made/step-00000008'));
    const trained = await loadCheckpoint(at('r/checkpoints/step-00000008'));
    const part = (state: typeof trained.state, folder: string, as = folder) =>
      Object.fromEntries(
        Object.entries(state)
          .filter(([name]) => name.startsWith(`${folder}/`))
          .map(([name, tensor]) => [name.replace(folder, as), tensor]),
      );
    // What the reference saves with EMA on is the average: both are it now.
    expect(stateHash(part(imported.state, 'parameters', 'average'))).toBe(
      stateHash(part(trained.state, 'average')),
    );
    expect(stateHash(part(imported.state, 'average'))).toBe(
      stateHash(part(trained.state, 'average')),
    );
    expect(stateHash(part(imported.state, 'tables'))).toBe(
      stateHash(part(trained.state, 'tables')),
    );
  });

  it('can be asked, trained on and evaluated', () => {
    const asked = place.eddy('predict', 'made', PUZZLE, '--json');
    expect(asked).toMatchObject({ status: 0 });
    const answerOf = (stdout: string) =>
      (JSON.parse(stdout) as { thoughts?: unknown; answer?: unknown }).thoughts ??
      (JSON.parse(stdout) as { answer?: unknown }).answer;
    expect(answerOf(asked.stdout)).toBeDefined();
    const started = place.eddy(
      ...['run', 'p.yml', '--run-dir', 'r2', '+train.loadCheckpoint.from=made', 'train.epochs=2'],
    );
    expect(started).toMatchObject({ status: 0 });
    const evaluated = place.eddy(
      ...['run', 'made/step-00000008/config.yml', '--run-dir', 'r3', '--json'],
      '+evaluate.checkpoint=made/step-00000008',
    );
    expect(existsSync(at('r3'))).toBe(true);
    expect(evaluated.stdout).toContain('evaluation-finished');
  });

  it.each([
    ['another width', ['step_8', 'train.model.hiddenSize=32'], 1, 'STATE_DICT_MISMATCH'],
    ['no PyTorch file', ['p.yml'], 1, 'TORCH_FILE_REFUSED'],
  ])('of %s is refused', (_name, [file, ...overrides], status, code) => {
    const args = ['import', file!, '--pipeline', 'p.yml', '-o', 'refused', ...overrides];
    const result = place.eddy(...args);
    expect(result.status).toBe(status);
    expect(result.stderr).toContain(code);
    expect(existsSync(at('refused'))).toBe(false);
  });
});
