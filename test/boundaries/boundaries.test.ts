/** Plants one violation of each import rule in a miniature of the repository and expects each to be caught. */
import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { sharedFolder } from '@eddy/core/testing';
import { beforeAll, describe, expect, it } from 'vitest';

const repository = resolve(import.meta.dirname, '../..');
const packages = [
  ...['tensor', 'compiler', 'core', 'installer', 'engines'],
  ...['models', 'datasets', 'optimizers', 'evaluators', 'loggers'],
];
const allPackages = [...packages, 'puzzles', 'web', 'ui', 'cli'];
const npmPackages = [
  'inversify',
  'cosmiconfig',
  'apache-arrow',
  'koffi',
  '@tensorflow/tfjs-backend-cpu',
];

const CONFIGS = ['.dependency-cruiser.cjs', '.dependency-cruiser.rooms.mjs'];

interface Planted {
  readonly rule: string;
  readonly file: string;
  readonly source: string;
  /** Whom the rule names, where it is not the file. */
  readonly reportedAt?: string;
}

const violations: Planted[] = [
  { rule: 'core-knows-no-package', file: 'core/src/a.ts', source: `import '@eddy/models';` },
  {
    rule: 'core-has-no-native-tensors',
    file: 'core/src/b.ts',
    source: `import '@tensorflow/tfjs-backend-cpu';`,
  },
  {
    rule: 'plugin-packages-stay-apart',
    file: 'models/src/a.ts',
    source: `import type { Thing } from '@eddy/optimizers';\nexport type Mine = Thing;`,
  },
  {
    rule: 'puzzles-for-data-and-display',
    file: 'optimizers/src/a.ts',
    source: `import '@eddy/puzzles';`,
  },
  {
    rule: 'compiler-is-for-engines',
    file: 'models/src/c.ts',
    source: `import type { Graph } from '@eddy/compiler';\nexport type Mine = Graph;`,
  },
  {
    rule: 'installer-is-for-engines',
    file: 'loggers/src/c.ts',
    source: `import '@eddy/installer';`,
  },
  { rule: 'tensor-stands-alone', file: 'tensor/src/a.ts', source: `import 'node:fs';` },
  { rule: 'tensor-stands-alone', file: 'tensor/src/b.ts', source: `import '@eddy/core';` },
  { rule: 'compiler-stands-alone', file: 'compiler/src/a.ts', source: `import '@eddy/core';` },
  { rule: 'compiler-stands-alone', file: 'compiler/src/b.ts', source: `import 'koffi';` },
  {
    rule: 'installer-knows-no-engine',
    file: 'installer/src/a.ts',
    source: `import '@eddy/engines';`,
  },
  { rule: 'puzzles-stand-alone', file: 'puzzles/src/a.ts', source: `import '@eddy/core';` },
  {
    rule: 'engine-processes-start-light',
    file: 'engines/src/pjrt/host/a.ts',
    source: `import '@eddy/core';`,
  },
  { rule: 'the-page-only-reads', file: 'ui/src/a.ts', source: `import '@eddy/loggers';` },
  { rule: 'what-a-browser-draws', file: 'web/src/a.ts', source: `import '@eddy/models';` },
  { rule: 'nothing-imports-the-page', file: 'datasets/src/c.ts', source: `import '@eddy/ui';` },
  { rule: 'nothing-imports-the-cli', file: 'loggers/src/a.ts', source: `import '@eddy/cli';` },
  {
    rule: 'packages-by-name',
    file: 'datasets/src/a.ts',
    source: `import '../../core/src/index.ts';`,
  },
  {
    rule: 'plugins-are-loaded-not-imported',
    file: 'evaluators/src/a.ts',
    source: `import './exact.plugin.ts';`,
  },
  {
    rule: 'inversify-stays-in-its-room',
    file: 'core/src/plugin/registry.ts',
    source: `import 'inversify';`,
  },
  {
    rule: 'cosmiconfig-stays-in-its-room',
    file: 'cli/src/a.ts',
    source: `import 'cosmiconfig';`,
  },
  {
    rule: 'apache-arrow-stays-in-its-room',
    file: 'datasets/src/b.ts',
    source: `import 'apache-arrow';`,
  },
  { rule: 'koffi-stays-in-its-room', file: 'engines/src/eager/a.ts', source: `import 'koffi';` },
  {
    rule: 'no-circles',
    file: 'models/src/circle.ts',
    source: `import { b } from './elcric.ts';\nexport const a = () => b;`,
  },
  {
    rule: 'no-circles',
    file: 'optimizers/src/type-a.ts',
    source: `import type { B } from './type-b.ts';\nexport interface A { b?: B }`,
  },
  {
    rule: 'no-circles-between-folders',
    file: 'loggers/src/one/a.ts',
    source: `import type { B } from '../two/b.ts';\nexport type A = B;`,
    reportedAt: 'loggers/src/one',
  },
  {
    rule: 'entries-are-on-top',
    file: 'installer/src/room/a.ts',
    source: `import '../index.ts';`,
  },
  { rule: 'nothing-unresolved', file: 'cli/src/b.ts', source: `import './missing.ts';` },
  { rule: 'tests-are-leaves', file: 'models/src/b.ts', source: `import './a.test.ts';` },
];

const allowed: Omit<Planted, 'rule'>[] = [
  { file: 'core/src/plugin/inversify.ts', source: `import 'inversify';` },
  { file: 'core/src/config/settings.ts', source: `import 'cosmiconfig';` },
  { file: 'core/src/data/arrow.ts', source: `import 'apache-arrow';` },
  { file: 'core/src/run/lock.ts', source: `import 'koffi';` },
  { file: 'engines/src/pjrt/binding.ts', source: `import 'koffi';\nimport '@eddy/core';` },
  { file: 'evaluators/src/exact.plugin.ts', source: `import '@eddy/puzzles';` },
  { file: 'evaluators/src/index.ts', source: `export * from './exact.plugin.ts';` },
  { file: 'models/src/a.test.ts', source: `import '@tensorflow/tfjs-backend-cpu';` },
  { file: 'models/src/elcric.ts', source: `export { a as b } from './circle.ts';` },
  // The other halves of circles. Their folders need each other, though no two files do.
  { file: 'loggers/src/one/d.ts', source: 'export type D = 1;' },
  { file: 'loggers/src/two/b.ts', source: 'export type B = 1;' },
  {
    file: 'loggers/src/two/c.ts',
    source: `import type { D } from '../one/d.ts';\nexport type C = D;`,
  },
  // A test and what only tests load look everywhere.
  {
    file: 'evaluators/src/room/a.ts',
    source: `export const a = 1;`,
  },
  { file: 'evaluators/src/testing/case.ts', source: `export { a } from '../room/a.ts';` },
  { file: 'evaluators/src/room/a.test.ts', source: `import '../testing/case.ts';` },
  {
    file: 'optimizers/src/type-b.ts',
    source: `import type { A } from './type-a.ts';\nexport interface B { a?: A }`,
  },
  { file: 'cli/src/main.ts', source: packages.map((name) => `import '@eddy/${name}';`).join('\n') },
];

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

describe('import boundaries', () => {
  const root = sharedFolder();
  let found: Violation[];

  beforeAll(async () => {
    await plantPackages(root.path);
    for (const { file, source } of [...allowed, ...violations]) {
      await write(join(root.path, 'packages', file), `${source}\n`);
    }
    const reports = await Promise.all(CONFIGS.map((config) => cruise(root.path, config)));
    found = reports.flat();
  });

  it.each(violations)('catches a violation of $rule', ({ rule, file, reportedAt = file }) => {
    const broken = found.filter(({ from }) => from === `packages/${reportedAt}`);
    expect(broken.map((violation) => violation.rule.name)).toContain(rule);
  });

  it('lets through what is allowed', () => {
    const planted = new Set(violations.map(({ file }) => `packages/${file}`));
    const wrong = found.filter(
      // A circle is reported at each of its files or folders.
      ({ from, rule }) => !planted.has(from) && !rule.name.startsWith('no-circles'),
    );
    expect(wrong.map(({ from, rule }) => `${from}: ${rule.name}`)).toEqual([]);
  });

  it('has a violation planted for every rule', async () => {
    const configs = (await Promise.all(
      CONFIGS.map((config) => import(join(repository, config))),
    )) as { default: { forbidden: { name: string }[] } }[];
    const rules = configs.flatMap((config) => config.default.forbidden.map(({ name }) => name));
    const planted = [...new Set(violations.map(({ rule }) => rule))];
    expect(planted.toSorted()).toEqual(rules.toSorted());
  });
});

async function plantPackages(root: string): Promise<void> {
  await mkdir(join(root, 'node_modules/@eddy'), { recursive: true });
  for (const name of allPackages) {
    const manifest = {
      name: `@eddy/${name}`,
      type: 'module',
      exports: { '.': { '@eddy/source': './src/index.ts', default: './dist/index.js' } },
    };
    await write(join(root, 'packages', name, 'package.json'), JSON.stringify(manifest));
    await write(join(root, 'packages', name, 'src/index.ts'), 'export {};\n');
    await symlink(`../../packages/${name}`, join(root, 'node_modules/@eddy', name));
  }
  for (const name of npmPackages) {
    const folder = join(root, 'node_modules', name);
    await write(join(folder, 'package.json'), JSON.stringify({ name, main: 'index.js' }));
    await write(join(folder, 'index.js'), 'module.exports = {};\n');
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** Runs dependency-cruiser with rules of the repository over a tree of its own. */
async function cruise(root: string, rules: string): Promise<Violation[]> {
  const program = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(repository, rules);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, '--config', config, '--output-type', 'json', 'packages'],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
  ).catch((error: { stdout: string }) => error); // exits with the number of violations
  const report = JSON.parse(stdout) as { summary: { violations: Violation[] } };
  return report.summary.violations;
}
