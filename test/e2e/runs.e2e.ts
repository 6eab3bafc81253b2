/** Commands about runs that are there already: ask them, go on from them, compare them. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { TINY, Workplace } from './eddy-cli.ts';

const PUZZLE = '1...' + '..1.' + '.1..' + '...1';

let place: Workplace;
beforeAll(() => {
  place = new Workplace();
  place.write('tiny.yml', TINY);
  expect(place.eddy('run', 'tiny.yml', '--run-dir', 'run').status).toBe(0);
});
afterAll(() => place.remove());

interface RunDiff {
  readonly config: readonly object[];
  readonly data: readonly { readonly what: string; readonly inputs: readonly string[] }[];
  readonly sameData: object;
  readonly versions: readonly object[];
  readonly engine: readonly object[];
  readonly metrics: readonly {
    readonly name: string;
    readonly a?: { readonly lastStep: number };
    readonly b?: { readonly lastStep: number };
    readonly firstDifference?: number;
  }[];
}

interface PredictionJson {
  readonly input: string;
  readonly answer: string;
  readonly violations: readonly string[];
  readonly mistakes?: readonly number[];
  readonly steps: readonly { readonly answer: string; readonly changed: number }[];
}

function predicted(...args: string[]): PredictionJson {
  const { status, stdout, stderr } = place.eddy('predict', 'run', ...args, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as PredictionJson;
}

describe('predict', () => {
  it('answers a text, a file, standard input alike', () => {
    const answer = predicted(PUZZLE);
    expect(answer.input).toBe(PUZZLE);
    expect(answer.steps).toHaveLength(2);
    expect(answer.steps.at(-1)!.answer).toBe(answer.answer);
    place.write('puzzle.txt', '1 . | . .\n. . | 1 .\n----+----\n. 1 | . .\n. . | . 1\n');
    expect(predicted('puzzle.txt')).toEqual(answer);
    const piped = place.eddyWithInput(PUZZLE, 'predict', 'run', '-', '--json');
    expect(JSON.parse(piped.stdout)).toEqual(answer);
  });

  it('agrees with the evaluation of the same checkpoint', () => {
    const [folder] = [join(place.folder, 'run', 'evaluations', 'step-00000004')];
    const trace = JSON.parse(readFileSync(join(folder, 'trace.json'), 'utf8')) as {
      examples: { index: number; label: number[]; steps: { preds: number[] }[] }[];
    };
    const { index, label, steps } = trace.examples[1]!;
    const answer = predicted('--example', String(index));
    const text = (tokens: number[]) => tokens.map((t) => (t > 1 ? String(t - 1) : '.')).join('');
    expect(answer.steps.map((step) => step.answer)).toEqual(steps.map(({ preds }) => text(preds)));
    const last = steps.at(-1)!.preds;
    expect(answer.mistakes).toEqual([...label.keys()].filter((cell) => label[cell] !== last[cell]));
    expect(answer.violations.length > 0).toBe(answer.mistakes!.length > 0);
  });

  it('draws each step of thought, also beyond those of training', () => {
    const { stdout } = place.eddy('predict', 'run', PUZZLE, '--trace', '--steps', '3');
    expect(stdout.match(/^step \d {2}.*halt [−+]\d/gm)).toHaveLength(3);
    expect(stdout).toContain('answer after 3 steps');
    expect(stdout).toMatch(/^ \S.\S.\| \S.\S?/m);
    expect(predicted(PUZZLE, '--steps', '1').steps).toEqual(predicted(PUZZLE).steps.slice(0, 1));
  });

  it.each([
    [['run', '1...x'], 'argument:1:5'],
    [['run', PUZZLE + '1'], 'expected  16 cells'],
    [['run'], 'PUZZLE_MISSING'],
    [['nowhere', PUZZLE], 'CHECKPOINT_NOT_FOUND'],
    [['run', '--example', '8'], 'EXAMPLE_MISSING'],
    [['run', '--example', '0', '--split', 'tset'], 'SPLIT_MISSING'],
    [['run', PUZZLE, '--steps', '0'], 'expected 1 or more'],
  ])('%j is refused', (args, text) => {
    const { status, stderr } = place.eddy('predict', ...args);
    expect(stderr).toContain(text);
    expect(status).not.toBe(0);
    expect(status).not.toBe(70);
  });
});

describe('diff and runs', () => {
  const diffOf = (a: string, b: string) => {
    const { status, stdout, stderr } = place.eddy('diff', a, b, '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout) as RunDiff;
  };
  beforeAll(() => {
    place.eddy('run', 'tiny.yml', '--run-dir', 'same');
    const changes = ['train.epochs=6', 'build.dataset.source.generator.train=12'];
    place.eddy('run', 'tiny.yml', ...changes, '--run-dir', 'other');
  });

  it('finds two runs of one pipeline the same to the last bit', () => {
    const { config, data, versions, engine, metrics, sameData } = diffOf('run', 'same');
    expect({ config, data, versions, engine }).toEqual({
      config: [],
      data: [],
      versions: [],
      engine: [],
    });
    expect(Object.keys(sameData)).toEqual(['build', 'augment']);
    expect(metrics.length).toBeGreaterThan(10);
    expect(metrics.filter(({ firstDifference }) => firstDifference !== undefined)).toEqual([]);
    expect(place.eddy('diff', 'run', 'same').stdout).toMatch(/metrics: all \d+ are the same/);
  });

  it('names what differs and where it was written', () => {
    const { config, data, metrics } = diffOf('run', 'other');
    expect(config).toEqual([
      {
        what: 'build.dataset.source.generator.train',
        a: '16',
        b: '12',
        aOrigin: expect.stringMatching(/^run\/config.yml:\d+:\d+$/) as string,
        bOrigin: expect.stringMatching(/^other\/config.yml:\d+:\d+$/) as string,
      },
      expect.objectContaining({ what: 'train.epochs', a: '2', b: '6' }),
    ]);
    expect(data.map(({ what }) => what)).toEqual(['build', 'augment']);
    expect(data[0]!.inputs).toEqual(['dataset.source.generator.train: 16 → 12']);
    const loss = metrics.find(({ name }) => name === 'train/loss')!;
    expect(loss.firstDifference).toBe(1);
    expect([loss.a!.lastStep, loss.b!.lastStep]).toEqual([4, 6]);
  });

  it('lines up pipeline files, too', () => {
    expect(diffOf('tiny.yml', 'run')).toMatchObject({ config: [], metrics: expect.anything() });
    expect(place.eddy('diff', 'tiny.yml', 'none').stderr).toContain('RUN_NOT_FOUND');
  });

  it('lists runs and how they stand', () => {
    const runs = JSON.parse(place.eddy('runs', '.', '--json').stdout) as { status: string }[];
    expect(runs).toHaveLength(3);
    expect(runs[0]).toMatchObject({
      name: 'tiny',
      status: 'done',
      step: 4,
      totalSteps: 4,
      evaluation: { step: 4, split: 'test' },
    });
    const listed = place.eddy('runs', '.').stdout;
    expect(listed).toMatch(/^RUN +STATUS +STARTED +STEP +EVALUATED +exact_accuracy/);
    expect(listed).toMatch(/^same +done .* 4 +test at 4 +[\d.]+ %/m);
    // A run itself, and what is no folder of runs.
    expect(place.eddy('runs', 'same').stdout).toMatch(/^RUN .*\nsame +done .*\n$/);
    expect(place.eddy('runs', 'nowhere')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: [
        'FOLDER_MISSING  the folder does not exist',
        '  at        nowhere',
        '  expected  a folder of runs, a run or a sweep',
        '  received  nothing',
        '  fix       name a folder: `pipeline runs .` lists the runs in this one\n',
      ].join('\n'),
    });
    expect(place.eddy('runs', 'tiny.yml').stderr).toContain('  received  a file\n');
    expect(place.eddy('runs', 'same/checkpoints').stdout).toBe(
      'no runs in same/checkpoints\n  it is inside a run: pipeline runs same\n',
    );
    expect(place.eddy('runs').stdout).toBe(
      'no runs in runs\n  `pipeline run FILE` makes one, in runs/ of the folder where it is called\n',
    );
  });
});

describe('docs/guides/runs.md', () => {
  it('works as written', () => {
    const guide = readFileSync(resolve(import.meta.dirname, '../../docs/guides/runs.md'), 'utf8');
    const blocks = [...guide.matchAll(/```(\w+)\n([^]*?)```/g)];
    place.write('small.yml', blocks.find(([, language]) => language === 'yaml')![2]!);
    const commands = blocks
      .filter(([, language]) => language === 'sh')
      .flatMap(([, , text]) => text!.trim().split('\n'));
    expect(commands.length).toBeGreaterThan(5);
    for (const command of commands) {
      const [, ...args] = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(
        ([, quoted, plain]) => quoted ?? plain!,
      );
      const { status, stderr } = place.eddy(...args);
      expect({ command, status, stderr }).toMatchObject({ status: 0 });
    }
  });
});
