/** Pipelines with a mistake that people make: found before anything runs, with the help that is nearest. */
import { describe, expect, it } from 'vitest';

import { tiny } from '../fixes/tiny.ts';
import { here } from './here.ts';

const held = here();

/** Errors, or with a code of 0 warnings. */
async function problemsOf(text: string | Uint8Array, code = 2): Promise<string> {
  await held.place.write('p.yml', text);
  const { exitCode, output } = await held.place.pipeline(['validate', 'p.yml']);
  expect(exitCode, output).toBe(code);
  expect(output).not.toMatch(/\n\s+at \w+.*\(/); // a stack trace
  return output;
}

describe('known before a run is said before it', () => {
  it.each([
    [
      'a split that the data do not have',
      { evaluate: 'evaluate: { split: tset, evaluators: [exact-accuracy] }' },
      'test',
    ],
    ['a batch larger than the data', { size: '  globalBatchSize: 64' }, 'globalBatchSize'],
    [
      'a batch that its micro-batches do not divide',
      { trainMore: '  microBatchSize: 3' },
      'microBatchSize',
    ],
    ['epochs that the interval does not divide', { epochs: '  epochs: 5' }, 'evalInterval'],
    [
      'heads that the width does not divide',
      { model: '  model: { use: trm, hiddenSize: 10, numHeads: 3, puzzleEmbeddingDim: 0 }' },
      'numHeads',
    ],
    [
      'a number that is none',
      { optimizer: '  optimizer: { use: adamw, learningRate: fast }' },
      'learningRate',
    ],
    ['no epochs', { epochs: '  epochs: 0' }, 'epochs'],
  ])('%s', async (_what, changes, told) => {
    expect(await problemsOf(tiny(changes))).toContain(told);
  });
});

it('a warm-up longer than the training is a warning', async () => {
  const optimizer = '  optimizer: { use: adamw, learningRate: 1e-3, warmupSteps: 4000 }';
  expect(await problemsOf(tiny({ optimizer }), 0)).toMatch(
    /warning .*warmupSteps[^]*fewer than its 4 steps/,
  );
});

describe('the nearest help is given', () => {
  it.each([
    ['a key one level too far left', { trainMore: '  hiddenSize: 8' }, 'train.model'],
    ['the name that PyTorch has', { trainMore: '  lr: 1e-3' }, 'train.optimizer.learningRate'],
    ['the name that Python has', { trainMore: '  batch_size: 4' }, 'globalBatchSize'],
    ['a key of the reference', { trainMore: '  ema: true' }, 'averager'],
    ['a misspelling', { epochs: '  epoch: 2' }, 'epochs'],
    ['a misspelt model', { model: '  model: { use: tmr, puzzleEmbeddingDim: 0 }' }, 'trm'],
    [
      'a misspelt evaluator',
      { evaluate: 'evaluate: { evaluators: [exact-acuracy] }' },
      'exact-accuracy',
    ],
    ['a key of another stage', { trainMore: '  evaluators: [exact-accuracy]' }, 'evaluate'],
  ])('for %s', async (_what, changes, told) => {
    expect(await problemsOf(tiny(changes))).toContain(told);
  });

  it.each([
    ['a tab', 'name: p\nbuild:\n\tdataset: { use: sudoku }\n', 'p.yml:3:1'],
    ['text of UTF-16', Buffer.from(`\uFEFF${tiny()}`, 'utf16le'), 'UTF-16'],
    ['a list where a map should be', '- name: p\n', 'p.yml:1'],
    ['nothing', '', 'p.yml'],
  ])('for a file with %s', async (_what, text, told) => {
    expect(await problemsOf(text)).toContain(told);
  });
});

describe('small things', () => {
  it('say their version, and nothing of TF.js', async () => {
    const { exitCode, output } = await held.place.pipeline(['--version']);
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringMatching(/^\d+\.\d+\.\d+/) as string }); // prettier-ignore
    await held.place.write('p.yml', tiny());
    const { output: said } = await held.place.pipeline(['validate', 'p.yml']);
    expect(said).not.toContain('Platform node');
  });
});
