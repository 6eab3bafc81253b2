import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { compose } from './compose.ts';
import { nodeAt, toPlain } from './config-node.ts';
import { interpolate } from './interpolate.ts';
import { ConfigInvalid } from './problem.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-compose-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

async function composed(text: string, overrides: string[] = [], environment = {}) {
  const file = write('p.yml', text);
  const tree = await compose(file, overrides, folder);
  return interpolate(file, tree, environment);
}

async function plain(text: string, overrides: string[] = [], environment = {}) {
  return toPlain(await composed(text, overrides, environment));
}

async function problems(text: string, overrides: string[] = []) {
  const error: unknown = await composed(text, overrides).catch((reason: unknown) => reason);
  if (!(error instanceof ConfigInvalid)) throw error;
  return error.problems;
}

describe('extends', () => {
  it('merges maps deeply, replaces lists, keeps origins', async () => {
    write(
      'base.yml',
      'name: base\ntrain: {epochs: 5, model: {use: trm, hiddenSize: 8}}\nloggers: [a]',
    );
    const tree = await composed(
      'extends: ./base.yml\nname: mine\nloggers: [b, c]\ntrain:\n  model: {hiddenSize: 16}',
    );
    expect(toPlain(tree)).toEqual({
      name: 'mine',
      train: { epochs: 5, model: { use: 'trm', hiddenSize: 16 } },
      loggers: ['b', 'c'],
    });
    expect(nodeAt(tree, ['train', 'epochs'])?.origin).toMatchObject({
      file: join(folder, 'base.yml'),
      line: 2,
    });
  });

  it('reads lists in order, nested maps, and relative to the file', async () => {
    write('a.yml', 'x: 1\ny: 1');
    write('parts/b.yml', 'extends: ../a.yml\ny: 2');
    write('parts/model.yml', 'use: trm\nhiddenSize: 4');
    expect(
      await plain(
        'extends: [./a.yml, parts/b]\ntrain: {model: {extends: parts/model.yml, lCycles: 2}}',
      ),
    ).toEqual({ x: 1, y: 2, train: { model: { use: 'trm', hiddenSize: 4, lCycles: 2 } } });
  });

  it('drops the options of another plugin', async () => {
    write(
      'a.yml',
      'train: {optimizer: {use: adam-atan2, beta1: 0.9}, model: {use: trm, lCycles: 2}}',
    );
    expect(
      await plain('extends: a\ntrain: {optimizer: {use: adamw}, model: {use: trm, hCycles: 1}}'),
    ).toEqual({
      train: { optimizer: { use: 'adamw' }, model: { use: 'trm', lCycles: 2, hCycles: 1 } },
    });
  });

  it('refuses circles, escapes and missing files, at their place', async () => {
    write('a.yml', 'extends: ./p.yml');
    expect((await problems('extends: ./a.yml'))[0]!.message).toContain('cycle');
    symlinkSync('/etc/hostname', join(folder, 'link.yml'));
    for (const target of ['../x.yml', '/etc/passwd', './link.yml', './none.yml', '"a\\0b"', '""']) {
      const [problem] = await problems(`name: x\nextends: ${target}`);
      expect(problem!.origin).toMatchObject({ line: 2 });
      expect(problem!.path).toEqual(['extends']);
    }
  });
});

describe('defaults', () => {
  beforeEach(() => {
    write('train/model/small.yml', 'use: trm\nhiddenSize: 4');
    write('train/model/big.yml', 'use: trm\nhiddenSize: 64');
    write('base.yml', 'seed: 3\nname: base');
  });
  const text = 'defaults:\n  - base\n  - train/model: small\nname: mine\ntrain: {epochs: 2}';

  it('puts a group’s file at its package', async () => {
    expect(await plain(text)).toEqual({
      seed: 3,
      name: 'mine',
      train: { epochs: 2, model: { use: 'trm', hiddenSize: 4 } },
    });
  });

  it('chooses another option from the command line', async () => {
    expect(await plain(text, ['train/model=big', 'train.model.hiddenSize=65'])).toMatchObject({
      train: { model: { hiddenSize: 65 } },
    });
    expect(await plain(text, ['~train/model'])).not.toHaveProperty('train.model');
    expect(await plain('name: x', ['+train/model@student=big'])).toEqual({
      name: 'x',
      student: { use: 'trm', hiddenSize: 64 },
    });
  });

  it('lets _self_ say where the file itself goes', async () => {
    expect(await plain('defaults: [_self_, base]\nname: mine')).toEqual({ seed: 3, name: 'base' });
  });

  it('refuses groups that are not in the list', async () => {
    expect((await problems(text, ['train/optimizer=x']))[0]).toMatchObject({
      fix: 'write +train/optimizer=x to add the group',
    });
    expect((await problems(text, ['train/model=none']))[0]!.origin).toMatchObject({
      kind: 'override',
      index: 1,
    });
    expect(await problems('defaults: [{a: b, c: d}, [x]]')).toHaveLength(2);
  });
});

describe('overrides', () => {
  const text = 'name: x\ntrain:\n  optimizer: adamw\n  epochs: 3\n  list: [{a: 1}, 2]';

  it('sets, adds, deletes, merges maps and opens short plugin references', async () => {
    expect(
      await plain(text, [
        'train.epochs=5',
        '+train.extra={a: 1}',
        'train.extra={b: 2}',
        'train.optimizer.learningRate=1e-3',
        'train.list.0.a=7',
        '++train.list.1=8',
        '~name',
      ]),
    ).toEqual({
      train: {
        optimizer: { use: 'adamw', learningRate: 1e-3 },
        epochs: 5,
        list: [{ a: 7 }, 8],
        extra: { a: 1, b: 2 },
      },
    });
  });

  it('records the origin', async () => {
    const tree = await composed(text, ['seed=1', 'train.epochs=5']);
    expect(nodeAt(tree, ['train', 'epochs'])?.origin).toEqual({
      kind: 'override',
      index: 2,
      text: 'train.epochs=5',
    });
  });

  it('reports every override that does not fit', async () => {
    const found = await problems(text, [
      '+train.epochs=5',
      '~train.epoch',
      '~train.epochs=4',
      'train.epochs.x=1',
      'train.list.9=1',
      'extends=x',
    ]);
    expect(found.map((problem) => (problem.origin as { index: number }).index)).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
    expect(found[1]!.fix).toBe('did you mean ~train.epochs?');
    expect(await problems(text, ['a', 'b=[', 'c=1'])).toHaveLength(2);
  });
});

describe('interpolation', () => {
  it('reads absolute, relative, environment, nested and escaped ones', async () => {
    expect(
      await plain(
        [
          'vars: {size: 8, model: {use: trm, hiddenSize: "${vars.size}"}, list: [1, 2]}',
          'train:',
          '  model: ${vars.model}',
          '  batch: ${.model.hiddenSize}',
          '  deep: {up: "${..batch}", item: "${vars.list[1]}", dotted: "${vars.list.0}"}',
          'name: run-${train.batch}-${env:WHO}',
          'seed: ${env:SEED}',
          'other: ${oc.env:NONE,7}',
          'text: ${env:NONE, a b}',
          'plain: \\${x}',
        ].join('\n'),
        [],
        { WHO: 'me', SEED: '12' },
      ),
    ).toEqual({
      vars: { size: 8, model: { use: 'trm', hiddenSize: 8 }, list: [1, 2] },
      train: {
        model: { use: 'trm', hiddenSize: 8 },
        batch: 8,
        deep: { up: 8, item: 2, dotted: 1 },
      },
      name: 'run-8-me',
      seed: 12,
      other: 7,
      text: 'a b',
      plain: '${x}',
    });
  });

  it('takes from the environment only numbers that stay what they are', async () => {
    const environment = {
      HEX: '0x1F',
      LARGE: '9007199254740993',
      LONG: '20251129123456789012',
      SHA: '7e12345',
      SAFE: '-9007199254740991',
      SHARE: '1.10',
      FAR: '1e30',
      NONE: 'null',
    };
    const text = Object.keys(environment).map((name) => `${name}: "\${env:${name}}"`);
    const joined = 'joined: v${env:SHARE}-${env:LARGE}-${env:NONE}';
    expect(await plain([...text, joined].join('\n'), [], environment)).toEqual({
      ...environment,
      SAFE: -9007199254740991,
      SHARE: 1.1,
      FAR: 1e30,
      NONE: null,
      joined: 'v1.10-9007199254740993-null',
    });
  });

  it('applies to overridden values', async () => {
    expect(await plain('a: 1\nb: ${a}', ['a=5', 'c=${b}'])).toEqual({ a: 5, b: 5, c: 5 });
  });

  it.each([
    [
      'm.x=3',
      'm is ${v.m} in the file, so its options cannot be overridden here → write v.m.x=3, which changes v.m wherever the file names it',
    ],
    [
      '+m.x=3',
      'm is ${v.m} in the file, so its options cannot be overridden here → write +v.m.x=3, which changes v.m wherever the file names it',
    ],
    [
      '~m.x',
      'm is ${v.m} in the file, so its options cannot be overridden here → write ~v.m.x, which changes v.m wherever the file names it',
    ],
    [
      'o.x=3',
      'o is ${v.m} in the file, so its options cannot be overridden here → write v.m.x=3, which changes v.m wherever the file names it',
    ],
    [
      '~v.m',
      'this override removes v.m, and m (p.yml:2:4) names it: ${v.m} → leave the override out, or override m as well',
    ],
    [
      'v=3',
      'this override leaves v without m, and m (p.yml:2:4) names it: ${v.m} → leave the override out, or override m as well',
    ],
    ['v.m=${v.n}', '${v.n}: v has no n → did you mean m?'],
  ])('blames the override %s for what it breaks', async (override, expected) => {
    const [problem] = await problems('v: { m: { x: 1 } }\nm: ${v.m}\no: ${m}\n', ['z=1', override]);
    expect(problem!.origin).toEqual({ kind: 'override', index: 2, text: override });
    const message = problem!.message.replace(`${folder}/`, '');
    expect(`${message} → ${problem!.fix}`).toBe(expected);
  });

  it('gives an interpolated value of the command line its place there', async () => {
    const tree = await composed('v: 1\na: ${v}\n', ['v=x']);
    expect(nodeAt(tree, ['a'])!.origin).toEqual({ kind: 'override', index: 1, text: 'v=x' });
    expect(await plain('v: { m: { x: 1 } }\nm: ${v.m}\n', ['~v.m', 'm=3'])).toEqual({
      v: {},
      m: 3,
    });
    const again = await plain('v: { m: { x: 1 } }\nm: ${v.m}\n', ['~v.m', 'v.m=3']);
    expect(again).toEqual({ v: { m: 3 }, m: 3 });
  });

  it('reports every one that leads nowhere', async () => {
    const found = await problems(
      'aa: 1\na: ${aaa}\nb: ${env:NO_SUCH_NAME}\nc: ${d}\nd: ${c}\ne: ${f(x)}\ng: x${h\ni: x${j}\nj: {k: 1}',
    );
    expect(found.map(({ path }) => path[0])).toEqual(['a', 'b', 'c', 'e', 'g', 'i']);
    expect(found[0]!.fix).toBe('did you mean aa?');
  });

  it('refuses bombs at once', async () => {
    const start = process.cpuUsage();
    const texts = ['v0: xxxxxxxxxx'];
    const maps = ['m0: {a: 1, b: 2}'];
    for (let i = 1; i < 40; i++) {
      texts.push(`v${i}: "\${v${i - 1}}\${v${i - 1}}"`);
      maps.push(`m${i}: {a: "\${m${i - 1}}", b: "\${m${i - 1}}"}`);
    }
    expect((await problems(texts.join('\n')))[0]!.message).toContain('longer');
    expect((await problems(maps.join('\n')))[0]!.message).toContain('more than');
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(2_000);
  });
});

describe('interpolation of odd keys and texts', () => {
  it('says once what is wrong in a long text, in short and soon', async () => {
    // Processor time: the machine may be busy.
    const start = process.cpuUsage();
    for (const text of ['${', '${x}', '\\${${', '${vars.b}${vars.b}']) {
      const name = text.repeat(Math.floor(30_000 / text.length));
      const vars = Array.from(
        { length: 60 },
        (_, i) => `a${i + 1}: "\${vars.a${i}}\${vars.a${i}}"`,
      );
      const found = composed(`name: '${name}'\nvars: {a0: text, b: 1e5, ${vars.join(', ')}}`);
      const error: unknown = await found.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ConfigInvalid);
      expect((error as ConfigInvalid).message.length).toBeLessThan(2000);
    }
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(2_000);
  });

  it('tells the key a.b from b in a', async () => {
    const tree = await composed(
      'vars: { one: 1, two: 2, "a.b": "${vars.one}", a: { b: "${vars.two}" } }',
    );
    expect(toPlain(nodeAt(tree, ['vars', 'a.b'])!)).toBe(1);
    expect(toPlain(nodeAt(tree, ['vars', 'a', 'b'])!)).toBe(2);
  });

  it('resolves once what it finds behind another interpolation', async () => {
    const tree = await composed(
      "vars: { m: { x: '\\${b}' }, alias: '${vars.m}', y: '${vars.alias.x}' }",
    );
    expect(toPlain(nodeAt(tree, ['vars', 'y'])!)).toBe('${b}');
  });
});

it('refuses to remove a group that the defaults list does not have', async () => {
  write('train/model/trm.yml', 'use: trm');
  const text = 'defaults: [{ train/model: trm }]';
  await expect(composed(text, ['~train/modle'])).rejects.toThrow(
    /no group train\/modle\n {2}expected {2}one of train\/model/,
  );
});
