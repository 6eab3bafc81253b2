/** docs/guides/data.md as written: its files, its pipelines, its commands. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventsOf, Workplace } from './eddy-cli.ts';

const guide = readFileSync(resolve(import.meta.dirname, '../../docs/guides/data.md'), 'utf8');
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(
    ([, text]) => text!,
  );
const [folderCommands, leakageCommands] = blocks('sh').map((text) => text.trim().split('\n')) as [
  string[],
  string[],
];

let place: Workplace;
beforeAll(() => {
  place = new Workplace();
  const files = ['mine.csv', 'held.csv', 'theirs.csv'];
  for (const [i, text] of blocks('csv').entries()) place.write(files[i]!, text);
  for (const text of blocks('yaml')) place.write(`${/^name: (.*)/.exec(text)![1]!}.yml`, text);
});
afterAll(() => place.remove());

describe('docs/guides/data.md', () => {
  it('exports a folder and trains on it', () => {
    const exported = place.sh(folderCommands[0]!);
    expect(exported.status, exported.stderr).toBe(0);
    for (const file of ['identifiers.json', 'train/all__inputs.npy', 'test/dataset.json']) {
      expect(existsSync(join(place.folder, 'npy', file)), file).toBe(true);
    }
    const run = place.sh(folderCommands[1]!);
    expect(run.status, run.stderr).toBe(0);
    const evaluation = eventsOf(run.stdout).find(({ type }) => type === 'evaluation-finished');
    expect(evaluation).toMatchObject({ split: 'test', examples: 12 });
  });

  it('trains on two datasets without what leaks, and measures each', () => {
    const { status, stdout, stderr } = place.sh(leakageCommands[0]!);
    expect(status, stderr).toBe(0);
    const events = eventsOf(stdout);
    const reports = events.filter(({ type }) => type === 'leakage-checked');
    expect(reports.map(({ report }) => report)).toMatchObject([
      { of: 'test-sudoku', examples: 12, leakedExamples: 0, droppedGroups: 0 },
      { of: 'test-sudoku-2', examples: 1, leakedExamples: 1, droppedGroups: 1 },
      { of: 'sudoku', examples: 1, leakedExamples: 1, droppedGroups: 1 },
    ]);
    const evaluations = events.filter(({ type }) => type === 'evaluation-finished');
    const measured = evaluations.map(({ split, examples }) => [split, examples]);
    expect(new Map(measured as [string, number][])).toEqual(
      new Map([
        ['test-sudoku', 12],
        ['test-sudoku-2', 1],
      ]),
    );
    const folders = new Set(evaluations.map(({ folder }) => folder));
    expect(folders.size).toBe(2);
    const planned = events.find(({ type }) => type === 'training-planned');
    // 40 generated ones and two, of which both were dropped, in batches of ten.
    expect(planned).toMatchObject({ plan: { totalSteps: 4 } });
  });

  it('fails when told so, before anything is trained', () => {
    const { status, stderr } = place.sh(leakageCommands[1]!);
    expect(status).toBe(1);
    expect(stderr).toContain('LEAKAGE_FOUND');
    expect(stderr).toContain('test-sudoku-2');
  });
});
