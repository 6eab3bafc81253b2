/** `docs/errors.md` has one heading per error code in the sources, in alphabetical order, each explained. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const repository = resolve(import.meta.dirname, '../..');

function codesInSources(): string[] {
  const packages = join(repository, 'packages');
  const files = readdirSync(packages, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /^[^/]+\/src\/.*\.ts$/.test(file) && !/\.test\.ts$|\/testing\//.test(file),
  );
  const codes = files.flatMap((file) => {
    const source = readFileSync(join(packages, file), 'utf8');
    return [...source.matchAll(/\bcode(?::| =) '([A-Z0-9_]{4,})'/g)].map(([, code]) => code!);
  });
  expect(codes).toContain('INTERNAL');
  return [...new Set(codes)].sort();
}

function explained(): { code: string; text: string }[] {
  const page = readFileSync(join(repository, 'docs/errors.md'), 'utf8');
  return page
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [code = '', ...lines] = section.split('\n');
      return { code: code.trim(), text: lines.join('\n').trim() };
    });
}

describe('docs/errors.md', () => {
  it('has a heading for every code in the sources, and no other', () => {
    expect(
      explained()
        .map(({ code }) => code)
        .sort(),
    ).toEqual(codesInSources());
  });

  it('is in alphabetical order', () => {
    const codes = explained().map(({ code }) => code);
    expect(codes).toEqual(codes.toSorted());
  });

  it('explains each code', () => {
    const bare = explained().filter(({ text }) => text.length < 20);
    expect(bare.map(({ code }) => code)).toEqual([]);
  });
});
