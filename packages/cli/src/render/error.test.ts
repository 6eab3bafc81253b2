import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder } from '@eddy/core/testing';
import { expect, it } from 'vitest';

import { renderError } from './error.ts';

const folder = freshFolder();

function errorOf(f: () => unknown): unknown {
  try {
    f();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

it('tells a file that the system refuses from a defect of ours', () => {
  const file = join(folder.path, 'ein Brief.pt');
  expect(renderError(errorOf(() => readFileSync(file)))).toEqual({
    code: 1,
    text: [
      'FILE_UNUSABLE  no such file or directory',
      `  at        ${file}`,
      '  received  ENOENT of open',
      `  fix       correct the path: ${file} does not exist`,
    ].join('\n'),
  });
  // A read has no path to name.
  expect(renderError(errorOf(() => readFileSync(folder.path))).text).toMatch(/EISDIR of read\n/);
});

it('still asks for a report of what is ours', () => {
  const { code, text } = renderError(errorOf(() => (undefined as unknown as string).length));
  expect(code).toBe(70);
  expect(text).toMatch(/^internal: .*\n[^]*This is a defect of Eddy/);
});
