import { writeFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { systemErrorText } from './system-error.ts';

const unknown = (errno: number) =>
  Object.assign(new Error(`Unknown system error ${errno}: Unknown system error ${errno}, write`), {
    errno,
    syscall: 'write',
  });

it.runIf(process.platform === 'linux')('names the errors for which Node has no name', () => {
  expect(systemErrorText(unknown(-122))).toBe('EDQUOT: the disk quota is used up, write');
  expect(systemErrorText(unknown(-116))).toBe(
    'ESTALE: the network file system has lost the file, write',
  );
  expect(systemErrorText(unknown(-9999))).toMatch(/^Unknown system error -9999/);
});

it('leaves others as they are', () => {
  let error: unknown;
  try {
    writeFileSync('/nowhere/at/all', '');
  } catch (thrown) {
    error = thrown;
  }
  expect(systemErrorText(error)).toMatch(/^ENOENT: no such file or directory, open/);
  expect(systemErrorText('no more')).toBe('no more');
});
