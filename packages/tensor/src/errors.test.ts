import { execFileSync } from 'node:child_process';

import { expect, it } from 'vitest';

import { shellWord } from './errors.ts';

it('leaves a plain path as it is', () => {
  expect(shellWord('/runs/a_b-1.2/c')).toBe('/runs/a_b-1.2/c');
});

it.each(['my runs/a', "it's", '$HOME `date` "x" \\n', 'a;b&c', '~x', '*', 'é', ''])(
  'hands %j to a shell as one word',
  (word) => {
    const printed = execFileSync('sh', ['-c', `printf '<%s>' ${shellWord(word)}`]);
    expect(printed.toString()).toBe(`<${word}>`);
  },
);
