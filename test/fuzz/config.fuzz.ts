/**
 * Pipeline files that nobody wrote on purpose: recipes with damage in their text and in their values, maps that
 * fast-check makes, overrides of both. Each ends in a resolved pipeline or in an error of which every problem has a
 * place and a key path, within a second of one processor.
 */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { randomStream, type RandomStream } from '@eddy/core';
import { ConfigInvalid } from '@eddy/core/config';
import { resolveConfig } from '@eddy/core/run';
import { sharedFolder } from '@eddy/core/testing';
import { EddyError } from '@eddy/tensor/errors';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { beforeAll, describe, expect, it } from 'vitest';

import { BUILTIN } from '../../packages/cli/src/project/builtin.ts';
import { count } from '../counts.ts';
import { mutate } from './mutate.ts';

const CASES = count(150, 2_500);
const MAX_CPU_MS = 1000;

const RECIPES = resolve(import.meta.dirname, '../../pipelines');
const folder = sharedFolder();
const names = readdirSync(RECIPES).filter((name) => name.endsWith('.yml'));
const texts = names.map((name) => readFileSync(join(RECIPES, name)));

beforeAll(() => {
  for (const name of names) copyFileSync(join(RECIPES, name), join(folder.path, name));
});

const seen = { valid: 0, refused: 0, slowestMs: 0 };

/** Resolves a file, and checks what it says where it is refused. */
async function check(
  text: string | Uint8Array,
  overrides: readonly string[],
  shown: string,
): Promise<void> {
  const file = join(folder.path, 'case.yml');
  writeFileSync(file, text);
  const settings = {
    cacheFolder: folder.path,
    defaultEngine: 'auto',
    offline: true,
    allowInstall: false,
  };
  const before = process.cpuUsage();
  const error: unknown = await resolveConfig(file, overrides, { builtin: BUILTIN, settings }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const { user, system } = process.cpuUsage(before);
  seen.slowestMs = Math.max(seen.slowestMs, (user + system) / 1000);
  expect((user + system) / 1000, shown).toBeLessThan(MAX_CPU_MS);
  if (error === undefined) {
    seen.valid++;
    return;
  }
  seen.refused++;
  if (!(error instanceof EddyError))
    throw new Error(`${shown}: ${String(error)}`, { cause: error });
  // Everything about a pipeline file is of this one kind; another would have no place in it.
  expect(error, `${shown}: ${error.message}`).toBeInstanceOf(ConfigInvalid);
  const { problems } = error as ConfigInvalid;
  expect(problems.length).toBeGreaterThan(0);
  const lines = Buffer.from(text)
    .toString('utf8')
    .split(/\r\n|\n|\r/);
  for (const problem of problems) {
    const at = `${shown}: ${error.message}`;
    const { origin, path, fix, message } = problem;
    expect(fix, at).not.toBe('');
    if (origin.kind === 'override') {
      expect(overrides[origin.index - 1], at).toBe(origin.text);
      continue;
    }
    if (origin.kind === 'default') throw new Error(`no place: ${at}`);
    expect(origin.line, at).toBeGreaterThan(0);
    expect(origin.column, at).toBeGreaterThan(0);
    // The place is in the file.
    if (origin.file.endsWith('case.yml'))
      expect(origin.line, at).toBeLessThanOrEqual(lines.length + 1);
    // A text that is no YAML has no keys yet: its line is shown instead. One that is no map, or lacks a key of the top,
    // has none either.
    if (path.length === 0 && problem.excerpt === undefined) expect(message, at).toMatch(NO_KEY_YET);
  }
}

/** What is said of a whole text, or of a key that has no name. */
const NO_KEY_YET = new RegExp(
  [
    /^[A-Z][^:]*$/, // the parser's own sentences
    /YAML|anchor|alias|indent|Implicit|block|flow|scalar|quote|escape|directive|document|tag|token|comment|whitespace|Tabs|null byte/i,
    /nested deeper|more than \d+ (?:tokens|values)|a key must be a plain name|must be a map|the top|stage|does not exist|extends|file is too large|larger than/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** Another value somewhere in a recipe: of another type, out of range, under a key that is not known. */
function mutateValue(recipe: Buffer, random: RandomStream): { text: string; override: string } {
  const value = parse(recipe.toString()) as unknown;
  const places: { holder: Record<string, unknown>; key: string; path: string }[] = [];
  const walk = (node: unknown, path: string) => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      const at = path === '' ? key : `${path}.${key}`;
      places.push({ holder: node as Record<string, unknown>, key, path: at });
      walk((node as Record<string, unknown>)[key], at);
    }
  };
  walk(value, '');
  const { holder, key, path } = places[random.integer(places.length)]!;
  const other = ODD_VALUES[random.integer(ODD_VALUES.length)];
  switch (random.integer(4)) {
    case 0:
      delete holder[key];
      break;
    case 1:
      holder[`${key}x`] = holder[key];
      delete holder[key];
      break;
    case 2:
      holder['more'] = other;
      break;
    default:
      holder[key] = other;
  }
  return {
    text: stringify(value, { aliasDuplicateObjects: false }),
    override: `${path}=${JSON.stringify(other) ?? ''}`,
  };
}

const ODD_VALUES: readonly unknown[] = [
  ...[null, true, '', 'x', -1, 0, 0.5, 1e308, 2 ** 53 - 1, '1e-4', [], {}, [[]], { use: 'none' }, { use: 'trm' }],
  ...['${x}', '${train.epochs}', '${env:NONE}', '\u0000', '../..', '__proto__', 'é'.repeat(50), { a: { b: { c: 1 } } }],
]; // prettier-ignore

const stream = randomStream(16);

describe('pipeline files', () => {
  it(`stands ${CASES} recipes with damaged text`, async () => {
    for (let i = 0; i < CASES; i++) {
      const random = stream.stream('text', i);
      const text = mutate(texts[random.integer(texts.length)]!, random);
      await check(text, [], `text ${i}: ${JSON.stringify(text.toString().slice(-400))}`);
    }
  });

  it(`stands ${CASES} recipes with another value`, async () => {
    for (let i = 0; i < CASES; i++) {
      const random = stream.stream('value', i);
      const { text } = mutateValue(texts[random.integer(texts.length)]!, random);
      await check(text, [], `value ${i}: ${text}`);
    }
  });

  it(`stands ${CASES} overrides of recipes`, async () => {
    for (let i = 0; i < CASES; i++) {
      const random = stream.stream('override', i);
      const recipe = texts[random.integer(texts.length)]!;
      const { override } = mutateValue(recipe, random);
      const prefix = ['', '', '+', '++', '~'][random.integer(5)]!;
      const overrides = [prefix + mutate(Buffer.from(override), random).toString(), 'seed=1'];
      await check(recipe, overrides, `override ${i}: ${overrides[0]}`);
    }
  });

  it(`stands ${CASES} maps of fast-check`, async () => {
    const key = fc.oneof(
      fc.constantFrom('name', 'build', 'train', 'evaluate', 'use', 'extends', 'defaults', 'vars', 'plugins', 'engine', 'dataset', 'model', 'loggers', 'seed', 'ablate', 'baseFolder'), // prettier-ignore
      fc.string({ maxLength: 6 }),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.constantFrom('trm', 'sudoku', '${name}', './a.yml')), // prettier-ignore
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 5 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, value, { maxKeys: 6 }), async (map) => {
        const text = stringify(map);
        await check(text, [], text);
      }),
      { numRuns: CASES, seed: 16 },
    );
  });

  it('came to both ends', () => {
    console.log(`config: ${JSON.stringify(seen)}`);
    expect(seen.valid).toBeGreaterThan(CASES / 10);
    expect(seen.refused).toBeGreaterThan(CASES);
  });
});

const repeated = (n: number, of: (i: number) => string) =>
  Array.from({ length: n }, (_, i) => of(i)).join('\n');

/** Small texts that cost a careless reader much. */
const BOMBS: Record<string, string> = {
  'ten levels of ten aliases': repeated(10, (i) => `a${i}: &a${i} [${Array(10).fill(i === 0 ? 'x' : `*a${i - 1}`).join(', ')}]`), // prettier-ignore
  'thirty levels of merge keys': repeated(30, (i) => `a${i}: &a${i} { ${i === 0 ? 'x: 1' : `<<: [*a${i - 1}, *a${i - 1}], b${i}: *a${i - 1}`} }`), // prettier-ignore
  'an alias inside its anchor': 'a: &a [*a, *a]',
  '100,000 levels of lists': `a: ${'['.repeat(100_000)}`,
  '100,000 levels of maps': `a: ${'{a: '.repeat(100_000)}`,
  '100,000 levels of dashes': `a:\n  ${'- '.repeat(100_000)}x`,
  'levels by indentation': repeated(1_000, (i) => `${' '.repeat(i)}a:`),
  '20,000 keys': repeated(20_000, (i) => `k${i}: ${i}`),
  'one key 20,000 times': repeated(20_000, () => 'k: 1'),
  'a scalar of 10 MiB': `a: ${'x'.repeat(10 << 20)}`,
  'a scalar of a little less than 1 MiB': `a: ${'x'.repeat((1 << 20) - 10)}`,
  'a block scalar of many lines': `a: |\n${repeated(100_000, () => '  x')}`,
  '100,000 anchors': repeated(100_000, (i) => `- &a${i} 1`),
  '9,000 anchors': repeated(9_000, (i) => `k${i}: &a${i} 1`),
  'a number of 100,000 digits': `a: ${'9'.repeat(100_000)}`,
  'an almost-number': `a: ${'1'.repeat(100_000)}e`,
  'an almost-date': `a: ${'1-'.repeat(50_000)}`,
  'an almost-comment': `a: ${' #'.repeat(50_000)}`,
  'an unclosed quote': `a: "${'\\n'.repeat(100_000)}`,
  'an unclosed quote of blanks': `a: '${' \n'.repeat(100_000)}`,
  'a tag of code': 'a: !!js/function "function () { return 1 }"',
  'a tag of Python': 'a: !!python/object/apply:os.system ["true"]',
  'a custom tag, many times': repeated(5_000, (i) => `k${i}: !x 1`),
  'many documents': repeated(10_000, () => '---\na: 1'),
  'many directives': `${repeated(10_000, () => '%YAML 1.2')}\n---\na: 1`,
  binary: `a: !!binary ${'A'.repeat(100_000)}`,
  '30,000 interpolations that are not closed': `name: '${'${'.repeat(30_000)}'`,
  'doubling interpolations': `vars:\n  v0: xxxxxxxxxx\n${repeated(60, (i) => `  v${i + 1}: "\${vars.v${i}}\${vars.v${i}}"`)}`,
  'doubling maps': `vars:\n  v0: {a: 1}\n${repeated(60, (i) => `  v${i + 1}: {a: "\${vars.v${i}}", b: "\${vars.v${i}}"}`)}`,
  'an interpolation of itself': 'vars: { a: "${vars.a}" }',
  'a file that extends itself': 'extends: ./case.yml',
  prototypes: '__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }',
};

describe('bombs', () => {
  /** 100 on a machine of its own; here other work shares the caches. */
  const MAX_BOMB_CPU_MS = 400;
  const MAX_BOMB_BYTES = 50 << 20;
  const settings = {
    cacheFolder: '/nonexistent',
    defaultEngine: 'auto',
    offline: true,
    allowInstall: false,
  };

  const refused = async (name: string) => {
    const file = join(folder.path, 'case.yml');
    writeFileSync(file, BOMBS[name]!);
    const [rss, cpu] = [process.memoryUsage.rss(), process.cpuUsage()];
    const error: unknown = await resolveConfig(file, [], { builtin: BUILTIN, settings }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const { user, system } = process.cpuUsage(cpu);
    return { error, ms: (user + system) / 1000, bytes: process.memoryUsage.rss() - rss };
  };

  it.each(Object.keys(BOMBS))('%s', async (name) => {
    // Without what the first use of a code path costs, and what a processor that others use adds: the best of three.
    const tries = [await refused(name), await refused(name), await refused(name)];
    for (const { error } of tries) {
      expect(error).toBeInstanceOf(ConfigInvalid);
      expect((error as Error).message.length).toBeLessThan(200_000);
    }
    expect(Math.min(...tries.map(({ ms }) => ms))).toBeLessThan(MAX_BOMB_CPU_MS);
    expect(Math.min(...tries.map(({ bytes }) => bytes))).toBeLessThan(MAX_BOMB_BYTES);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
