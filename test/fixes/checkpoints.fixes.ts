/** Checkpoints and what reads them. */
import { cp, readdir, rm } from 'node:fs/promises';

import { expect } from 'vitest';

import { command, didYouMean, followFixes, instead, type FixCase } from './fix-case.ts';
import type { Place } from './place.ts';
import { trained } from './trained.ts';

const run = trained();
const CHECKPOINT = 'runs/r/checkpoints/step-00000004';

const damaged = (name: string) => async (place: Place) => {
  await run(place);
  await place.write(name, 'x');
};

const cases: FixCase[] = [
  command({
    code: 'EXAMPLE_MISSING',
    when: 'more examples are counted than there are',
    before: run,
    words: ['predict', 'runs/r', '--example', '9'],
  }),
  command({
    code: 'SPLIT_MISSING',
    when: 'the name of a split is misspelt',
    before: run,
    words: ['predict', 'runs/r', '--example', '0', '--split', 'tset'],
    edits: [didYouMean('tset')],
  }),
  command({
    code: 'PUZZLE_MISSING',
    when: 'no puzzle was given',
    before: run,
    words: ['predict', 'runs/r'],
    edits: [instead('--example', 'predict', 'runs/r', '--example', '0')],
  }),
  command({
    code: 'INPUT_TOO_LARGE',
    when: 'a file of many puzzles was named',
    before: async (place) => {
      await run(place);
      await place.write('many.txt', '12.4341221434321\n'.repeat(70_000));
      await place.write('one.txt', '12.4341221434321\n');
    },
    words: ['predict', 'runs/r', 'many.txt'],
    edits: [instead('name another file', 'predict', 'runs/r', 'one.txt')],
  }),
  command({
    code: 'PUZZLE_INVALID',
    when: 'a digit is too large',
    before: run,
    words: ['predict', 'runs/r', '19.4341221434321'],
    edits: [instead('', 'predict', 'runs/r', '12.4341221434321')],
  }),
  command({
    code: 'IDENTIFIER_UNKNOWN',
    when: 'a Sudoku is asked for by a name',
    before: run,
    words: ['predict', 'runs/r', '12.4341221434321', '--identifier', 'x'],
    edits: [instead('remove --identifier', 'predict', 'runs/r', '12.4341221434321')],
  }),
  command({
    code: 'CHECKPOINT_NOT_FOUND',
    when: 'the name of the run is misspelt',
    before: run,
    words: ['evaluate', 'runs/rr'],
    edits: [didYouMean('runs/rr')],
  }),
  command({
    code: 'CHECKPOINT_NOT_FOUND',
    when: 'the folder of all runs is named',
    before: run,
    words: ['evaluate', 'runs'],
    edits: [(_place, fix) => ({ words: ['evaluate', /such as (.+)$/.exec(fix)![1]!] })],
  }),
  command({
    code: 'CHECKPOINT_DAMAGED',
    when: 'a file of a checkpoint that was named was cut short',
    before: damaged(`${CHECKPOINT}/state.safetensors`),
    words: ['evaluate', CHECKPOINT],
    edits: [
      async (place, fix) => {
        expect(fix).toMatch(`rm -r '${place.at(CHECKPOINT)}'`);
        await rm(place.at(CHECKPOINT), { recursive: true });
        return { words: ['evaluate', 'runs/r'] };
      },
    ],
    then: 'CHECKPOINT_NOT_FOUND',
  }),
  command({
    code: 'CHECKPOINT_NONE_GOOD',
    when: 'every checkpoint was cut short',
    before: async (place) => {
      await run(place);
      for (const step of await readdir(place.at('runs/r/checkpoints')))
        if (step.startsWith('step-'))
          await place.write(`runs/r/checkpoints/${step}/state.safetensors`, 'x');
    },
    words: ['resume', 'runs/r'],
    edits: [undefined],
  }),
  command({
    code: 'BEST_UNKNOWN',
    when: 'nothing was evaluated',
    before: async (place) => {
      await run(place);
      await rm(place.at('runs/r/checkpoints/best.json'));
    },
    words: ['evaluate', 'runs/r', '--which', 'best'],
  }),
  command({
    code: 'BEST_UNKNOWN',
    when: 'the best is asked of one checkpoint',
    before: run,
    words: ['evaluate', CHECKPOINT, '--which', 'best'],
  }),
  command({
    code: 'TRAINING_UNKNOWN',
    when: 'the name of a training is misspelt',
    before: run,
    words: ['evaluate', 'runs/r', '--stage', 'trian'],
  }),
  command({
    code: 'MODEL_DIFFERS',
    when: 'an evaluation has another number of heads, and this is meant',
    before: run,
    words: ['evaluate', 'runs/r', 'train.model.numHeads=2'],
  }),
  command({
    code: 'MODEL_DIFFERS',
    when: 'an evaluation has another number of heads by mistake',
    before: run,
    words: ['evaluate', 'runs/r', 'train.model.numHeads=2'],
    edits: [
      (_place, fix) => {
        const [, option, value] = /set (\w+) (\S+) in the pipeline/.exec(fix)!;
        return { words: ['evaluate', 'runs/r', `train.model.${option}=${value}`] };
      },
    ],
  }),
  command({
    code: 'PIPELINE_OF_WEIGHTS_UNKNOWN',
    when: 'a file of weights was copied out of its run',
    before: async (place) => {
      await run(place);
      await cp(place.at(CHECKPOINT), place.at('lone'), { recursive: true });
    },
    words: ['predict', 'lone', '--example', '0'],
    edits: [
      (_place, fix, { words }) => {
        expect(fix).toMatch('`--pipeline FILE`');
        return { words: [...words, '--pipeline', 'p.yml'] };
      },
    ],
  }),
  command({
    code: 'AVERAGE_ALPHAS_INVALID',
    when: 'three weights are given for two checkpoints',
    before: run,
    words: ['average', CHECKPOINT, 'runs/r', '-o', 'out', '--weights', '0.5,0.3,0.2'],
  }),
];

followFixes('checkpoints', cases);
