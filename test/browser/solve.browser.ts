/**
 * `pipeline export --format web`: the file opens offline from `file://`, answers as `pipeline predict` does, and can
 * be used with keys alone. Models are trained for seconds: equality needs no skill.
 */
import { copyFileSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { openStoredModel, predictPuzzles, type StoredModel } from '@eddy/core/weights';
import { EvaluationRunner } from '@eddy/core/training';
import { eagerEngine } from '@eddy/core/testing';
import { NUM_COLOURS, drawGrid, drawMaze, drawPuzzle, mazeTokensOf, sudokuRules, sudokuTokensOf, type Draws } from '@eddy/puzzles'; // prettier-ignore
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';
import { setBackend } from '@tensorflow/tfjs-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { TINY, Workplace } from '../e2e/eddy-cli.ts';
import { checkAccessibility, describePage, noOverflow, screenshot, type OpenPage } from './browser.ts'; // prettier-ignore

/** Puzzles of each kind that are compared. */
const NUM_COMPARED = 200;
const MAX_HALT_DIFFERENCE = 1e-3;
/** Of a file without its weights. */
const MAX_BYTES = 3 * 2 ** 20;

const root = resolve(import.meta.dirname, '../..');

const MODEL = `{ use: trm, hiddenSize: 16, numHeads: 2, numLayers: 1, hCycles: 1, lCycles: 1`;
const TRAINING = `
  optimizer: { use: adamw, warmupSteps: 1 }
  globalBatchSize: 8
  epochs: 2
evaluate: {}
`;
const PIPELINES = {
  sudoku: TINY,
  maze: `
name: maze
engine: cpu
build: { dataset: { use: maze, source: { generator: { size: 6, train: 16, test: 8 } } } }
train:
  model: ${MODEL}, mlpT: true, positionEncoding: none, puzzleEmbeddingDim: 0, haltMaxSteps: 2 }${TRAINING}`,
  arc: `
name: arc
engine: cpu
build: { dataset: { use: arc, source: { combined: tasks/arc }, subsets: [training, evaluation], canvas: 5 } }
augment: { augmentation: { use: arc-transform, numVersions: 3 } }
train:
  model: ${MODEL}, puzzleEmbeddingLength: 1, haltMaxSteps: 2 }
  rowOptimizer: { use: sign-sgd, warmupSteps: 1 }${TRAINING}`,
  plugin: `
name: plugin
engine: cpu
plugins: [./maze-conv.ts, ./latin-squares.ts]
build: { dataset: { use: latin-squares, size: 4, train: 32, test: 8 } }
train:
  model: { use: maze-conv, hiddenSize: 8, iterations: 3, haltMaxSteps: 2 }${TRAINING}`,
};
type Kind = keyof typeof PIPELINES;

const place = new Workplace();
const at = (name: string) => join(place.folder, name);

beforeAll(async () => {
  await setBackend('cpu');
  writeArcTasks();
  copyFileSync(join(root, 'docs/guides/write-a-model/maze-conv.ts'), at('maze-conv.ts'));
  copyFileSync(
    join(root, 'packages/cli/templates/dataset/latin-squares.ts'),
    at('latin-squares.ts'),
  );
  symlinkSync(join(root, 'node_modules'), at('node_modules'));
  for (const [kind, text] of Object.entries(PIPELINES)) {
    place.write(`${kind}.yml`, text);
    const trained = place.eddy('run', `${kind}.yml`, '--run-dir', kind);
    expect(trained, trained.stderr).toMatchObject({ status: 0 });
    const exported = place.eddy('export', kind, '--format', 'web', '-o', `${kind}.html`);
    expect(exported, exported.stderr).toMatchObject({ status: 0, stdout: `${kind}.html\n` });
  }
});
afterAll(() => place.remove());

function writeArcTasks(): void {
  const pair = (a: number, b: number) => ({ input: [[a, b]], output: [[b, a]] });
  const task = (a: number, b: number) => ({
    train: [pair(a, b), pair(b, 3)],
    test: [{ input: [[3, a]] }],
  });
  const write = (subset: string, kind: string, value: object) =>
    place.write(`tasks/arc_${subset}_${kind}.json`, JSON.stringify(value));
  write('training', 'challenges', { t1: task(1, 2), t2: task(4, 5) });
  write('training', 'solutions', { t1: [[[1, 3]]], t2: [[[4, 3]]] });
  write('evaluation', 'challenges', { e1: task(6, 7) });
  write('evaluation', 'solutions', { e1: [[[6, 3]]] });
}

/** Opens a file of a model as a reader without a network would. */
async function openFile(open: OpenPage, kind: Kind, options: object = {}): Promise<Page> {
  const page = await open({ offline: true, viewport: { width: 1280, height: 900 }, ...options });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`file://${at(`${kind}.html`)}`);
  const { backend } = await page.evaluate(() => eddy.opened);
  expect(backend).toBe('wasm');
  const outside = asked.filter((url) => !/^(file|blob|data):/.test(url));
  expect(outside).toEqual([]);
  return page;
}

declare const eddy: {
  readonly opened: Promise<{ readonly backend: string }>;
  readonly about: { readonly identifiers: readonly { name: string; id: number }[] };
  solve(
    input: readonly number[],
    options?: { readonly steps?: number; readonly identifier?: number },
  ): Promise<readonly { readonly preds: Uint8Array; readonly halt?: number }[]>;
};

interface Compared {
  readonly input: Uint8Array;
  /** Name of the identifier. */
  readonly identifier?: string;
}

/** What `pipeline predict` computes, for many puzzles at once. */
async function predicted(
  { model, weights, metadata }: StoredModel,
  puzzles: readonly Compared[],
  steps: number,
): Promise<{ readonly preds: number[][][]; readonly halts: number[][] | undefined }> {
  const { seqLen, blankIdentifierId } = metadata;
  const wanted = ['preds', 'q_halt_logits'].filter((name) => model.outputs.includes(name));
  const engine = eagerEngine();
  const sizes = { batchSize: puzzles.length, seqLen };
  const runner = await EvaluationRunner.compile(engine, model, sizes, { outputs: wanted });
  const state = await engine.upload(weights.tree);
  await runner.open(state);
  const batch = {
    inputs: Int32Array.from(puzzles.flatMap(({ input }) => [...input])),
    labels: new Int32Array(puzzles.length * seqLen).fill(-100),
    puzzleIdentifiers: Int32Array.from(puzzles, ({ identifier }) =>
      identifier === undefined ? blankIdentifierId : weights.identifiers!.indexOf(identifier),
    ),
    count: puzzles.length,
    firstExample: 0,
    ratings: null,
  };
  const preds: number[][][] = [];
  const halts: number[][] = [];
  for await (const outputs of runner.steps(state, batch, { averaged: false })) {
    const all = [...outputs['preds']!.data];
    preds.push(puzzles.map((_, i) => all.slice(i * seqLen, (i + 1) * seqLen)));
    halts.push([...(outputs['q_halt_logits']?.data ?? [])]);
    if (preds.length === steps) break;
  }
  return { preds, halts: wanted.length === 2 ? halts : undefined };
}

/** The same puzzles in every run of the test. */
function drawsOf(seed: number): Draws {
  let state = seed;
  const integer = (bound: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  return { integer };
}

const PUZZLES: Readonly<Record<Kind, (draws: Draws, names: readonly string[]) => Compared>> = {
  sudoku: (draws) => ({ input: sudokuTokensOf(drawPuzzle(sudokuRules(4), draws).givens) }),
  maze: (draws) => {
    const options = { size: 6, minWalls: 0.2, maxWalls: 0.4, minPathCells: 2, onePath: false };
    for (;;) {
      const drawn = drawMaze(options, draws);
      if (drawn !== undefined) return { input: mazeTokensOf(drawn.question) };
    }
  },
  arc: (draws, names) => {
    const [rows, cols] = [1 + draws.integer(5), 1 + draws.integer(5)];
    const cells = Uint8Array.from({ length: rows * cols }, () => draws.integer(NUM_COLOURS));
    const identifier = names[draws.integer(names.length)]!;
    return { input: drawGrid({ rows, cols, cells }, 5), identifier };
  },
  plugin: (draws) => ({ input: Uint8Array.from({ length: 16 }, () => 1 + draws.integer(5)) }),
};

const storedModel = async (kind: Kind) => {
  const { BUILTIN } = await import('../../packages/cli/src/project/builtin.ts');
  const { loadSettings } = await import('../../packages/cli/src/project/load.ts');
  const settings = await loadSettings({});
  return { from: at(kind), builtin: BUILTIN, settings };
};

describePage('a model in a file', (open) => {
  it.each(['sudoku', 'maze', 'arc', 'plugin'] as const)(
    'answers 200 puzzles as predict does: %s',
    async (kind) => {
      const stored = await openStoredModel({ ...(await storedModel(kind)), warn: () => undefined });
      const draws = drawsOf(7);
      const names = stored.weights.identifiers?.slice(1) ?? [];
      const puzzles = Array.from({ length: NUM_COMPARED }, () => PUZZLES[kind](draws, names));
      // One step beyond those of the training, too.
      const steps = stored.model.maxSteps + 1;
      const expected = await predicted(stored, puzzles, steps);
      const page = await openFile(open, kind);
      const received = await page.evaluate(
        async ({ asked, count }) => {
          const idOf = (name: string | undefined) =>
            eddy.about.identifiers.find((one) => one.name === name)?.id;
          const all = [];
          for (const { input, identifier } of asked) {
            const id = idOf(identifier);
            const thoughts = await eddy.solve(input, {
              steps: count,
              ...(id !== undefined && { identifier: id }),
            });
            all.push(thoughts.map(({ preds, halt }) => ({ preds: [...preds], halt })));
          }
          return all;
        },
        { asked: puzzles.map((puzzle) => ({ ...puzzle, input: [...puzzle.input] })), count: steps },
      );
      let furthest = 0;
      for (const [i, thoughts] of received.entries()) {
        for (const [step, { preds, halt }] of thoughts.entries()) {
          expect(preds, `puzzle ${i}, step ${step + 1}`).toEqual(expected.preds[step]![i]);
          if (expected.halts === undefined) expect(halt).toBeUndefined();
          else furthest = Math.max(furthest, Math.abs(halt! - expected.halts[step]![i]!));
        }
      }
      expect(furthest).toBeLessThan(MAX_HALT_DIFFERENCE);
      expect(received).toHaveLength(NUM_COMPARED);
    },
  );

  it('solves a puzzle that is typed, and says of it what predict says', async () => {
    const page = await openFile(open, 'sudoku');
    await page.getByRole('button', { name: 'Clear' }).click();
    const clues = '1....2..4.....3.';
    await page.locator('[role=grid] [data-cell="0"]').first().focus();
    for (const [cell, character] of [...clues].entries()) {
      if (cell > 0) await page.keyboard.press(cell % 4 === 0 ? 'ArrowDown' : 'ArrowRight');
      if (cell > 0 && cell % 4 === 0) await page.keyboard.press('Home');
      await page.keyboard.type(character);
    }
    await page.keyboard.press('Control+Enter');
    const verdict = page.getByTestId('verdict');
    await verdict.getByText(/^(Right|Wrong)/).waitFor();
    const [prediction] = await predictPuzzles({
      ...(await storedModel('sudoku')),
      puzzle: { text: clues, source: 'test' },
    });
    const { thoughts, violations } = prediction!;
    const shown = await page
      .getByRole('grid', { name: /^Answer, Step/ })
      .getByRole('gridcell')
      .allInnerTexts();
    // A cell of padding is drawn as a blank one.
    const answered = [...thoughts.at(-1)!.preds].map((token) => Math.max(1, token));
    expect(shown.map((text) => Number(text || 0) + 1)).toEqual(answered);
    const text = await verdict.innerText();
    expect(text).toContain(violations!.length === 0 ? 'Right' : 'Wrong');
    if (violations!.length > 0) expect(text).toContain(violations![0]);
    const belief = thoughts.at(-1)!.qHalt! > 0 ? 'judges it correct' : 'would continue';
    expect(text).toContain(belief);
  });

  it('reads a pasted puzzle, says where a text is none, and sees an impossible one', async () => {
    const page = await openFile(open, 'sudoku');
    await page.getByText('Paste a puzzle').click();
    const field = page.locator('textarea');
    await field.fill('1 . | . .\n. . | 2 .\n----+----\n. 4 | . .\n. . | 3 .');
    const cells = page.getByRole('grid', { name: 'Puzzle to solve' }).getByRole('gridcell');
    const texts = await cells.allInnerTexts();
    expect(texts.map((text) => text.trim() || '.').join('')).toBe('1.....2..4....3.');
    await field.fill('1..x');
    await page.getByText('Line 1, column 4: expected a digit 1–4').waitFor();
    await field.fill('11..............');
    await page.getByText('No answer can be right: row 1 has 1 more than once.').waitFor();
    await page.getByRole('button', { name: 'Solve' }).click();
    await page.getByTestId('verdict').getByText('Wrong.').waitFor();
  });

  it('stops at the first halt, and thinks on beyond the training', async () => {
    const page = await openFile(open, 'sudoku');
    const steps = page.getByLabel('Supervision steps', { exact: true });
    await steps.fill('5');
    await steps.press('Tab');
    await page.getByText('3 more than in training').waitFor();
    await page.getByRole('button', { name: 'Solve' }).click();
    await page.getByText('Answer after step 5 of 5').waitFor();
  });

  it('draws mazes: new ones, and walls that are painted', async () => {
    const page = await openFile(open, 'maze');
    await page.getByRole('button', { name: 'New puzzle' }).click();
    await page.getByText(/^The shortest path has/).waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('this one has 0 cells S').waitFor();
    await page.getByRole('button', { name: 'start' }).click();
    await page.locator('[data-cell="0"]').first().click();
    await page.getByRole('button', { name: 'goal' }).click();
    await page.locator('[data-cell="7"]').first().click();
    await page.getByText('there are several such paths').waitFor();
  });

  it('asks ARC in the name of a task, on a grid of any size', async () => {
    const page = await openFile(open, 'arc');
    await page.getByLabel('Rows', { exact: true }).fill('2');
    await page.getByLabel('Rows', { exact: true }).press('Tab');
    const grid = page.getByRole('grid', { name: 'Puzzle to solve' });
    expect(await grid.getByRole('row').count()).toBe(2);
    await page.getByLabel('Task to ask about').selectOption({ label: 't1' });
    await page.getByRole('button', { name: 'Solve' }).click();
    await page.getByTestId('verdict').waitFor();
  });

  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['390', { colorScheme: 'light', viewport: { width: 390, height: 844 } }],
  ] as const)('is accessible and fits: %s', async (name, options) => {
    for (const kind of ['sudoku', 'maze', 'arc', 'plugin'] as const) {
      const page = await openFile(open, kind, options);
      await page.getByRole('button', { name: 'Solve' }).click();
      await page.getByTestId('verdict').waitFor();
      await page.getByRole('button', { name: 'Solve' }).waitFor();
      await checkAccessibility(page);
      await noOverflow(page);
      await screenshot(page, `solve-${kind}-${name}`);
    }
  });

  it('answers in the page Try of pipeline ui as in its file', async () => {
    const ui = place.start('ui', 'sudoku', '--json');
    let page: Page | undefined;
    try {
      const line = await new Promise<string>((take) => ui.stdout!.once('data', take));
      const { url } = JSON.parse(String(line)) as { url: string };
      page = await open({ viewport: { width: 1280, height: 900 } });
      await page.goto(url);
      await page.getByRole('link', { name: 'Try' }).click();
      const answerOf = async (shown: Page) => {
        await shown.getByRole('button', { name: 'Solve' }).click();
        await shown
          .getByTestId('verdict')
          .getByText(/^(Right|Wrong)/)
          .waitFor();
        return shown.getByRole('grid', { name: /^Answer, Step/ }).innerText();
      };
      const inUi = await answerOf(page);
      await checkAccessibility(page);
      await screenshot(page, 'try-sudoku');
      expect(inUi).toBe(await answerOf(await openFile(open, 'sudoku')));
    } finally {
      // Its stream ends before the server does.
      await page?.close();
      ui.kill('SIGTERM');
    }
  });

  it('is small', () => {
    for (const kind of Object.keys(PIPELINES)) {
      const html = readFileSync(at(`${kind}.html`), 'utf8');
      const weights = /id="eddy-weights">([^<]*)</.exec(html)![1]!;
      expect(statSync(at(`${kind}.html`)).size - weights.length).toBeLessThan(MAX_BYTES);
    }
  });
});
