import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder } from '@eddy/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ensureToken, findToken, isProof, proofOf } from './token.ts';

const folder = freshFolder();
let file: string;
let umask: number;
beforeEach(() => {
  file = join(folder.path, 'host-token');
  umask = process.umask(0);
});
afterEach(() => {
  process.umask(umask);
});

describe('the token file', () => {
  it('is made once, for this user alone, whatever the umask', () => {
    expect(findToken({}, folder.path)).toBeUndefined();
    const token = ensureToken({}, folder.path);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(ensureToken({}, folder.path)).toBe(token);
    expect(findToken({}, folder.path)).toBe(token);
    expect(readdirSync(folder.path)).toEqual(['host-token']);
  });

  it('is not needed where the environment has a token', () => {
    expect(ensureToken({ EDDY_HOST_TOKEN: 'given' }, folder.path)).toBe('given');
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('may be written by hand', () => {
    writeFileSync(file, 'a secret\n', { mode: 0o600 });
    expect(ensureToken({}, folder.path)).toBe('a secret');
  });

  it.each([0o640, 0o604, 0o620, 0o602, 0o666])('of mode %o is refused, and left alone', (mode) => {
    writeFileSync(file, 'seen by others');
    chmodSync(file, mode);
    for (const take of [findToken, ensureToken]) {
      expect(() => take({}, folder.path)).toThrow(
        expect.objectContaining({
          code: 'HOST_TOKEN_UNUSABLE',
          facts: expect.objectContaining({
            at: file,
            expected: 'a file that is not empty and that you alone may read and write (mode 600)',
            received: `mode ${mode.toString(8)}`,
            fix: expect.stringContaining(`rm ${file}`) as string,
          }) as unknown,
        }),
      );
    }
    expect(readFileSync(file, 'utf8')).toBe('seen by others');
  });

  it('that is empty is refused: anyone knows that token', () => {
    writeFileSync(file, '\n', { mode: 0o600 });
    expect(() => findToken({}, folder.path)).toThrow('received  an empty file');
  });
});

it('a proof holds for its token and question alone', () => {
  const proof = proofOf('token', ['host', 1]);
  expect(isProof(proof, proofOf('token', ['host', 1]))).toBe(true);
  const sameLength = 'é'.repeat(proof.length);
  const others = [proofOf('other', ['host', 1]), proofOf('token', ['host', 2]), sameLength, '', 7];
  for (const other of [...others, null]) expect(isProof(other, proof)).toBe(false);
});
