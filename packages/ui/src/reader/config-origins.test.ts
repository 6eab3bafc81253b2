import { expect, it } from 'vitest';

import { originsIn } from './config-origins.ts';

it('reads the comments of a config.yml as a run writes it', () => {
  const text = `name: tiny # tiny.yml:1:7
seed: 3 # override 1 "seed=3"
loggers:
  - use: console # tiny.yml:15:11
    interval: 5 # default of logger console
build:
  use: build # tiny.yml:2:1
  dataset:
    use: sudoku # tiny.yml:3:19
    note: "a # b" # my file.yml:4:2
    sha256: {} # default of dataset sudoku
  "odd.key": 1
  split: [1, 2] # default of stage build
`;
  expect(Object.fromEntries(originsIn(text))).toEqual({
    name: 'tiny.yml:1:7',
    seed: 'override 1 "seed=3"',
    loggers: 'tiny.yml:15:11',
    'build.use': 'tiny.yml:2:1',
    'build.dataset.use': 'tiny.yml:3:19',
    'build.dataset.note': 'my file.yml:4:2',
    'build.dataset.sha256': 'default of dataset sudoku',
    'build.split': 'default of stage build',
  });
});

it('finds none in a file without comments, and is not led astray by damaged ones', () => {
  expect(originsIn('name: x\ntrain:\n  use: train\n').size).toBe(0);
  expect(originsIn(': : :\n"\n- - -\n\0').size).toBe(0);
});
