import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { nodeAt, toPlain } from './config-node.ts';
import { ConfigInvalid } from './problem.ts';
import { parseYaml, readYamlFile } from './read-yaml.ts';

import { freshFolder } from '../testing/fresh-folder.ts';

const folder = freshFolder();

const read = (text: string) => toPlain(parseYaml(text, '/p/x.yml'));

function problemsOf(text: string): ConfigInvalid['problems'] {
  try {
    parseYaml(text, '/p/x.yml');
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.problems;
    throw error;
  }
  throw new Error('expected CONFIG_INVALID');
}

describe('parseYaml', () => {
  it('reads YAML 1.2 core values', () => {
    expect(read('a: 1e-4\nb: no\nc: "3"\nd: null\ne: [1, x]\nf: {g: 012, h: .5}')).toEqual({
      a: 1e-4,
      b: 'no',
      c: '3',
      d: null,
      e: [1, 'x'],
      f: { g: 12, h: 0.5 },
    });
  });

  it('knows where each value stands', () => {
    const node = parseYaml('train:\n  model:\n    hiddenSize: 512\n', '/p/x.yml');
    expect(nodeAt(node, ['train', 'model', 'hiddenSize'])?.origin).toEqual({
      kind: 'file',
      file: '/p/x.yml',
      line: 3,
      column: 17,
    });
  });

  it('expands aliases and merge keys, own keys winning', () => {
    expect(read('a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\nd: {<<: [{x: 9}, *a]}')).toEqual({
      a: { x: 1, y: 2 },
      b: { x: 1, y: 3 },
      c: { x: 1, y: 2 },
      d: { x: 9, y: 2 },
    });
  });

  it('reads an empty file as an empty map', () => {
    expect(read('# nothing\n')).toEqual({});
  });

  it.each([
    ['a: 1\nb: 2\na: 3', 'a', 3, 'twice'],
    ['a: {__proto__: 1}', 'a.__proto__', 1, 'not allowed'],
    ['constructor: 1', 'constructor', 1, 'not allowed'],
    ['a: !!python/object x', '', 1, 'tag'],
    ['a: [1, 2', '', 1, ''],
    ['a: *b', '', 1, ''],
    ['a: 1\n---\nb: 2', '', 2, ''],
    ['a: 12345678901234567890', 'a', 1, 'represented exactly'],
    ['? [x]\n: 1', '', 1, 'plain name'],
    ['a: &a [*a]', '', 1, ''],
    ['a: 1\n<<: 3', '<<', 2, 'merge key'],
  ])('refuses %j', (text, path, line, word) => {
    const [problem] = problemsOf(text);
    expect(problem!.path.join('.').startsWith(path)).toBe(true);
    expect(problem!.origin).toMatchObject({ kind: 'file', line });
    expect(problem!.message.toLowerCase()).toContain(word);
    expect(problem!.fix).not.toBe('');
  });

  it('reports all problems of a text at once', () => {
    expect(problemsOf('a: 1\na: 2\nb: {prototype: 1}\nb: 2')).toHaveLength(3);
  });

  const bomb = Array.from({ length: 12 }, (_, i) =>
    i === 0 ? 'a0: &a0 [x,x,x,x,x,x,x,x,x]' : `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]`,
  ).join('\n');

  it.each([
    ['aliases', bomb],
    ['flow depth', `a: ${'['.repeat(100_000)}`],
    ['block depth', '- '.repeat(100_000) + 'x'],
    ['indentation', Array.from({ length: 200 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['many keys', Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['many items', `a: [${'1,'.repeat(250_000)}]`],
    ['many anchors', Array.from({ length: 60_000 }, (_, i) => `- &a${i} x`).join('\n')],
    ['big scalar', `a: ${'x'.repeat(10 * 1024 * 1024)}`],
    ['merge keys', bomb + '\nz: {' + '<<: *a0, '.repeat(2_000) + '}'],
  ])('refuses a bomb of %s at once', (_name, text) => {
    // Processor time: the machine may be busy.
    const start = process.cpuUsage();
    expect(problemsOf(text).length).toBeGreaterThan(0);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(1_000);
  });

  it('never fails but by problems with a place', () => {
    const fragments = fc.constantFrom(
      ...['a', 'b: ', '- ', '\n', '  ', '[', ']', '{', '}', ',', '&x ', '*x', '<<', '!!str ', '"'],
      ...["'", '|', '>', '#', '---', '...', '%YAML', '? ', ': ', '\t', '1e5', '~', '\u0000', '💥'],
    );
    const texts = fc.oneof(
      fc.array(fragments, { maxLength: 40 }).map((p) => p.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          parseYaml(text, '/p/x.yml');
        } catch (error) {
          if (!(error instanceof ConfigInvalid)) throw error;
          for (const { origin } of error.problems) {
            expect(origin).toMatchObject({ kind: 'file', file: '/p/x.yml' });
            expect((origin as { line: number }).line).toBeGreaterThan(0);
          }
        }
      }),
      { numRuns: 2_000, seed: 7 },
    );
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('readYamlFile', () => {
  it('reads a file and says when there is none', async () => {
    await writeFile(join(folder.path, 'a.yml'), 'a: 1');
    expect(toPlain(await readYamlFile(join(folder.path, 'a.yml')))).toEqual({ a: 1 });
    await expect(readYamlFile(join(folder.path, 'b.yml'))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      exitCode: 2,
    });
  });
});
