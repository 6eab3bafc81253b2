/** Sweeps. Their trials end at once here: what a trial does is for other tests. */
import { expect, vi } from 'vitest';

import { command, followFixes, type FixCase } from './fix-case.ts';
import { shellWords } from './fix-text.ts';
import type { Place } from './place.ts';
import { tiny } from './tiny.ts';

/** The exit codes of the next trials; afterwards 0. */
const exitCodes: number[] = [];
vi.mock('../../packages/core/src/sweep/trial-process.ts', () => ({
  STOP_WITH_PARENT: 'EDDY_LEASH',
  startTrial: () => ({
    ended: Promise.resolve({ code: exitCodes.shift() ?? 0, signal: null }),
    stop: () => undefined,
    kill: () => undefined,
  }),
}));

const files = { 'p.yml': tiny() };
const SWEEP = ['sweep', 'p.yml', 'seed=0,1', '--sweep-dir', 'sweeps/s'];
const swept = async (place: Place) => {
  exitCodes.length = 0;
  await place.write('p.yml', tiny());
  const { exitCode, output } = await place.pipeline(SWEEP);
  expect(exitCode, output).toBe(0);
};

const cases: FixCase[] = [
  command({
    code: 'SWEEP_EMPTY',
    when: 'no override has several values',
    files,
    words: ['sweep', 'p.yml', 'seed=0'],
    goal: (_place, output) => expect(output).toContain('3 trials'),
  }),
  command({
    code: 'SWEEP_TOO_BIG',
    when: 'every seed is to be tried',
    files,
    words: ['sweep', 'p.yml', 'seed=range(0,20000)'],
    edits: [
      (_place, fix, { words }) => {
        const option = /`(--trials) \d+`/.exec(fix)![1]!;
        return { words: [...words, option, '2'] };
      },
    ],
  }),
  command({
    code: 'SWEEP_TRIALS_MISSING',
    when: 'an interval is swept over',
    files,
    words: ['sweep', 'p.yml', 'train.optimizer.learningRate=interval(1e-5,1e-3)'],
  }),
  command({
    code: 'SWEEP_EXISTS',
    when: 'the sweep is started once more',
    before: swept,
    words: SWEEP,
  }),
  command({
    code: 'SWEEP_CHANGED',
    when: 'a sweep of other trials is to go on in its folder',
    before: swept,
    words: ['sweep', 'p.yml', 'seed=2,3', '--sweep-dir', 'sweeps/s', '--resume', 'auto'],
  }),
  command({
    code: 'SWEEP_CHANGED',
    when: 'a sweep of other trials is begun in its folder',
    before: swept,
    words: ['sweep', 'p.yml', 'seed=2,3', '--sweep-dir', 'sweeps/s', '--resume', 'auto'],
    edits: [(_place, fix) => ({ words: shellWords(/`pipeline ([^`]+)`/.exec(fix)![1]!) })],
  }),
  {
    code: 'SWEEP_NOT_FOUND',
    when: 'the folder of all sweeps, or a misspelt one, is named in a program',
    follow: async (place) => {
      await swept(place);
      const { openSweepFolder } = await import('@eddy/core/report');
      const fixOf = (name: string) =>
        openSweepFolder(place.at(name)).then(
          () => '',
          (error: { code: string; facts: { fix: string } }) => {
            expect(error.code).toBe('SWEEP_NOT_FOUND');
            return error.facts.fix;
          },
        );
      const near = /did you mean ([^?]+)\?/.exec(await fixOf('sweeps/ss'))![1]!;
      const inIt = /such as (.+)$/.exec(await fixOf('sweeps'))![1]!;
      for (const path of [near, inIt]) expect((await openSweepFolder(path)).path).toBe(place.at('sweeps/s')); // prettier-ignore
    },
  },
  command({
    code: 'SWEEP_MANIFEST_INVALID',
    when: 'the list of trials was cut short',
    before: async (place) => {
      await swept(place);
      await place.write('sweeps/s/sweep.json', 'x');
    },
    words: SWEEP,
  }),
  command({
    code: 'SWEEP_JOURNAL_INVALID',
    when: 'a line of the journal was changed',
    before: async (place) => {
      await swept(place);
      await place.edit('sweeps/s/journal.jsonl', '\n', '\nnonsense\n');
    },
    words: ['resume', 'sweeps/s'],
  }),
  command({
    code: 'SWEEP_TRIALS_FAILED',
    when: 'a trial failed, and what failed was corrected',
    files,
    before: () => void exitCodes.push(1),
    words: SWEEP,
  }),
  command({
    code: 'SWEEP_STOPPED',
    when: 'Ctrl-C was typed',
    files,
    before: () => {
      // The trial that it stops, too.
      exitCodes.push(75);
      const before = process.listenerCount('SIGINT');
      const wait = setInterval(() => {
        if (process.listenerCount('SIGINT') === before) return;
        clearInterval(wait);
        process.emit('SIGINT');
      }, 1);
    },
    words: SWEEP,
  }),
  command({
    code: 'USAGE_INVALID',
    when: 'a sweep is to go on with other values',
    before: swept,
    words: ['resume', 'sweeps/s', 'train.epochs=4'],
  }),
  command({
    code: 'FOLDER_MISSING',
    when: 'the name of the folder of sweeps is misspelt',
    before: swept,
    words: ['runs', 'sweeps/t'],
  }),
];

followFixes('sweeps', cases);
