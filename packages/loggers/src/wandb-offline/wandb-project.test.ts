import { expect, it } from 'vitest';

import { wandbProject } from './wandb-project.ts';

it.each(['trm/sudoku', 'a\\b', 'a#1', 'a?b', '100%', 'a:b', '', 'x'.repeat(129)])(
  'refuses %j, as W&B does',
  (name) => expect(wandbProject.safeParse(name).success).toBe(false),
);

it.each(['trm-sudoku', 'été 2026', 'x'.repeat(128)])('accepts %j', (name) => {
  expect(wandbProject.parse(name)).toBe(name);
});
