/** Stages under names of their own, and the two trainings of docs/guides/runs.md. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventsOf, TINY, Workplace } from './eddy-cli.ts';

const guide = readFileSync(resolve(import.meta.dirname, '../../docs/guides/runs.md'), 'utf8');
const TWO = /## Several trainings[^]*?```yaml\n([^]*?)```/.exec(guide)![1]!;
const CLUES = '1234341221434321';

let place: Workplace;
beforeAll(() => {
  place = new Workplace();
});
afterAll(() => place.remove());

/** Events of a command that must succeed. */
function events(...args: string[]) {
  const { status, stdout, stderr } = place.eddy(...args, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return eventsOf(stdout);
}

const setsOf = (all: ReturnType<typeof events>) =>
  all.flatMap((event) =>
    event.type === 'evaluation-finished' ? [[event['label'], event['step']]] : [],
  );

describe('a training under another name', () => {
  beforeAll(() => {
    const named = TINY.replace('\ntrain:', '\npretrain:\n  use: train').replace(
      '\nevaluate:',
      '\nmeasure:\n  use: evaluate',
    );
    place.write('named.yml', named.replace('\nbuild:', '\ndata:\n  use: build'));
  });

  it('trains, evaluates, predicts, exports, averages, plans and resumes', () => {
    expect(setsOf(events('run', 'named.yml', '--run-dir', 'named'))).toEqual([
      [undefined, 2],
      [undefined, 4],
    ]);
    const checkpoint = join('named', 'checkpoints', 'step-00000004');
    expect(existsSync(join(place.folder, checkpoint))).toBe(true);
    expect(setsOf(events('evaluate', 'named'))).toEqual([[undefined, 4]]);
    expect(setsOf(events('resume', 'named'))).toEqual([[undefined, 4]]);
    for (const args of [
      ['predict', 'named', CLUES],
      ['export', 'named', '--format', 'safetensors', '-o', 'named.safetensors'],
      ['average', 'named', checkpoint, '-o', 'mean'],
      ['predict', 'mean', CLUES],
      ['plan', 'named.yml'],
      ['why', 'named.yml'],
    ]) {
      const { status, stderr } = place.eddy(...args);
      expect({ args, status, stderr }).toMatchObject({ status: 0 });
    }
  });

  it('starts another training, whose pipeline names neither a stage nor a model for the evaluation', () => {
    const started = events(
      'run',
      'named.yml',
      'pretrain.loadCheckpoint.from=named',
      'pretrain.maxSteps=1',
      '--run-dir',
      'started',
    );
    const texts = started.flatMap((event) => (event.type === 'message' ? [event['text']] : []));
    expect(texts.join('\n')).toMatch(/starts from weights of the average in .*step-00000004/);
    place.write(
      'alone.yml',
      TINY.replace(/\ntrain:[^]*\nevaluate:/, '\nevaluate:\n  checkpoint: named'),
    );
    expect(setsOf(events('run', 'alone.yml'))).toEqual([[undefined, 4]]);
  });
});

describe('two trainings in one pipeline', () => {
  const steps = (all: ReturnType<typeof events>, label: string) =>
    all.flatMap((event) =>
      event.type === 'step-finished' && event['label'] === label ? [event['step']] : [],
    );

  it('run one after the other, each with its checkpoints', () => {
    place.write('two.yml', TWO);
    const ran = events('run', 'two.yml', '--run-dir', 'two');
    expect([steps(ran, 'pretrain'), steps(ran, 'finetune')]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ]);
    expect(setsOf(ran)).toEqual([['finetune', 8]]);
    const checkpoints = join(place.folder, 'two', 'checkpoints');
    expect(readdirSync(checkpoints).sort()).toEqual(['finetune', 'pretrain']);
  });

  it('are told apart by --stage; the last one is the default', () => {
    const stepOf = (...args: string[]) => {
      const { status, stdout, stderr } = place.eddy('predict', 'two', CLUES, '--json', ...args);
      expect({ status, stderr }).toMatchObject({ status: 0 });
      return (JSON.parse(stdout) as { step: number }).step;
    };
    expect(stepOf()).toBe(8);
    expect(stepOf('--stage', 'pretrain')).toBe(4);
    const unknown = place.eddy('predict', 'two', CLUES, '--stage', 'train');
    expect(unknown.stderr).toMatch(/TRAINING_UNKNOWN[^]*one of pretrain, finetune/);
    expect(unknown.status).toBe(2);
    expect(setsOf(events('evaluate', 'two', '--stage', 'pretrain'))).toEqual([[undefined, 4]]);
  });

  it('are each evaluated by the stage behind them', () => {
    place.write('each.yml', TWO.replace('finetune:', 'first: { use: evaluate }\nfinetune:'));
    const ran = events('run', 'each.yml', '--run-dir', 'each');
    expect(setsOf(ran)).toEqual([
      ['pretrain', 4],
      ['finetune', 8],
    ]);
    const again = events('evaluate', 'each', '--stage', 'pretrain');
    expect(setsOf(again)).toEqual([[undefined, 4]]);
  });

  it('are each measured in their own model, where it differs in what may differ', () => {
    const longer = TWO.replace(
      'model: ${pretrain.model}',
      'model: { use: trm, hiddenSize: 16, numHeads: 2, hCycles: 1, lCycles: 1, haltMaxSteps: 4 }',
    );
    expect(longer).not.toBe(TWO);
    place.write('longer.yml', longer);
    events('run', 'longer.yml', '--run-dir', 'longer');
    const stepsOf = (...stage: string[]) => {
      const { stdout } = place.eddy('predict', 'longer', CLUES, '--json', ...stage);
      const evaluated = events('evaluate', 'longer', ...stage).find(
        ({ type }) => type === 'evaluation-finished',
      );
      const { steps } = evaluated!['metrics'] as { steps: number };
      const predicted = (JSON.parse(stdout) as { steps: unknown[] }).steps.length;
      return { predicted, evaluated: steps };
    };
    expect(stepsOf('--stage', 'pretrain')).toEqual({ predicted: 2, evaluated: 2 });
    expect(stepsOf()).toEqual({ predicted: 4, evaluated: 4 });
  });

  it('are resumed where the run was stopped, and the journal keeps both', () => {
    const short = events('run', 'two.yml', 'finetune.maxSteps=3', '--run-dir', 'cut');
    expect(steps(short, 'finetune')).toEqual([1, 2, 3]);
    const config = join(place.folder, 'cut', 'config.yml');
    place.write('cut/config.yml', readFileSync(config, 'utf8').replace(/\n\s*maxSteps: 3/, ''));
    const resumed = events('resume', 'cut', '--allow-other-options');
    expect([steps(resumed, 'pretrain'), steps(resumed, 'finetune')]).toEqual([[], [4, 5, 6, 7, 8]]);
    const journal = eventsOf(readFileSync(join(place.folder, 'cut', 'journal.jsonl'), 'utf8'));
    expect([steps(journal, 'pretrain'), steps(journal, 'finetune')]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ]);
  });
});
