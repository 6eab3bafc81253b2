/** docs/guides/choose-a-checkpoint.md as written: its pipeline, its commands, what they say. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { headlineOf, readJournal } from '@eddy/core/report';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Workplace } from './eddy-cli.ts';

const guide = readFileSync(
  resolve(import.meta.dirname, '../../docs/guides/choose-a-checkpoint.md'),
  'utf8',
);
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(
    ([, text]) => text!,
  );
const [PIPELINE] = blocks('yaml');
const [run, ...uses] = blocks('sh');

let place: Workplace;
let output: string;

beforeAll(() => {
  place = new Workplace();
  place.write('chosen.yml', PIPELINE!);
  const { status, stdout, stderr } = place.sh(run!);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  output = stdout;
});
afterAll(() => place.remove());

const journalOf = (folder: string) => readJournal(join(place.folder, folder, 'journal.jsonl'));

describe('docs/guides/choose-a-checkpoint.md', () => {
  it('evaluates both splits, stops early and says which checkpoint counts', () => {
    const journal = journalOf('run');
    const evaluations = journal.filter((event) => event.type === 'evaluation-finished');
    expect(evaluations.slice(0, 2).map(({ split, examples }) => [split, examples])).toEqual([
      ['validation', 12],
      ['test', 8],
    ]);
    expect(Object.keys(evaluations[0]!.metrics)).toContain('valid_completion');
    const updates = journal.filter((event) => event.type === 'monitor-updated');
    expect(updates).toHaveLength(evaluations.length / 2);
    const { best, step, stops } = updates.at(-1)!;
    // 3 steps an epoch, 6 between evaluations, 36 in all.
    expect(stops ? step - best!.step : step).toBe(stops ? 12 : 36);
    const headline = headlineOf(journal)!;
    expect(headline).toMatchObject({ step: best!.step, isIndependent: true });
    expect(headline.result!.split).toBe('test');
    expect(output).toContain(headline.text);
    expect(output).toContain(
      '0 of 12 validation examples occur in train under the symmetries of sudoku',
    );
    expect(readdirSync(join(place.folder, 'run/checkpoints'))).toContain(
      `step-${String(best!.step).padStart(8, '0')}`,
    );
  });

  it('runs every command of the page on the best checkpoint', () => {
    const { status, stdout, stderr } = place.sh(uses.join('\n'));
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const best = headlineOf(journalOf('run'))!.step;
    expect(stdout).toContain(`step-${String(best).padStart(8, '0')}`);
    expect(headlineOf(journalOf('again'))!.step).toBe(best);
    expect(headlineOf(journalOf('again'))!.result!.metrics).toEqual(
      headlineOf(journalOf('run'))!.result!.metrics,
    );
    expect(existsSync(join(place.folder, 'best.safetensors'))).toBe(true);
    expect(stdout).toMatch(/ on validation at \d+/);
  });

  it('is refused before it runs where the split will not exist', () => {
    const { status, stderr } = place.eddy('validate', 'chosen.yml', '~build.validation');
    expect(status).toBe(2);
    expect(stderr).toContain('train.monitor.split');
    expect(stderr).toContain('build.validation=0.1');
    const ran = place.eddy('run', 'chosen.yml', '~build.validation', '--run-dir', 'never');
    expect(ran.status).toBe(2);
    expect(ran.stdout).not.toContain('build ');
    const unmeasured = place.eddy('validate', 'chosen.yml', '~evaluate');
    expect(unmeasured.stderr).toContain('no stage evaluates the checkpoints');
  });

  it('warns where test data chose', () => {
    const plain = ['run', 'chosen.yml', '~train.monitor', '~build.validation', 'train.epochs=4'];
    expect(place.eddy(...plain, '--run-dir', 'plain').status).toBe(0);
    expect(headlineOf(journalOf('plain'))!.choice).toEqual({ by: 'last' });
    const { status, stderr } = place.eddy(
      'predict',
      'plain',
      '--which',
      'best',
      '1...3...2...4...',
    );
    expect(status).toBe(0);
    expect(stderr).toMatch(/best by exact_accuracy on test, and the same data chose it/);
    expect(
      place.eddy('evaluate', 'plain', '--which', 'best', '--run-dir', 'chosen-by-test').status,
    ).toBe(0);
    const { isIndependent, text } = headlineOf(journalOf('chosen-by-test'))!;
    expect([isIndependent, text]).toEqual([false, expect.stringMatching(/ on test; optimistic/)]);
  });
});
