/**
 * Makes a project outside the checkout by the documented command, adds an optimizer that somebody else
 * wrote and one in a file of the project, and swaps the optimizer of a pipeline by one word.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { sharedFolder } from '@eddy/core/testing';
import { beforeAll, describe, expect, it } from 'vitest';

import { NEW_PLUGIN_KINDS } from '../../packages/cli/src/program.ts';

const repository = resolve(import.meta.dirname, '../..');
const thirdParty = join(import.meta.dirname, 'third-party/eddy-optimizer-lion');

/** Small enough for the eager engine that comes with npm. */
const pipeline = `
name: packed
seed: 1
engine: wasm
plugins: [eddy-optimizer-lion, ./normalised-descent.ts]
loggers: []
build:
  dataset: { use: sudoku, source: { generator: { size: 4, train: 8, test: 4 } } }
train:
  model:
    { use: trm, hiddenSize: 16, numHeads: 2, numLayers: 1, hCycles: 2, lCycles: 1, mlpT: true,
      positionEncoding: none, puzzleEmbeddingDim: 0, haltMaxSteps: 2 }
  optimizer: { use: adam-atan2, learningRate: 1e-3 }
  globalBatchSize: 4
  epochs: 2
  evalInterval: 2
`;

/** A recipe that takes minutes on this engine, cut to seconds. */
const SHORT = [
  ...['engine=wasm', 'loggers=[]', 'build.dataset.source.generator.train=8'],
  ...['build.dataset.source.generator.test=4', 'train.globalBatchSize=4', 'train.epochs=1'],
  ...['train.evalInterval=1', 'train.model.hiddenSize=16', 'train.model.numHeads=2'],
];

/** The project, and an empty home, so that nothing of this machine helps. */
const place = sharedFolder();
const home = sharedFolder();

beforeAll(async () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(repository, 'scripts/new-project.js'), place.path],
    { cwd: repository, encoding: 'utf8' },
  );
  expect(status, stdout + stderr).toBe(0);
  npm(['pack', '--silent', thirdParty], place.path);
  const tarball = (await readdir(place.path)).find((file) => file.endsWith('.tgz'));
  const install = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  npm([...install, `./${tarball}`], place.path);
  for (const name of ['adam-atan2', 'lion', 'normalised-descent']) {
    await writeFile(join(place.path, `${name}.yml`), pipeline.replace('adam-atan2', name));
  }
  const source = join(import.meta.dirname, 'project/normalised-descent.ts');
  await writeFile(join(place.path, 'normalised-descent.ts'), await readFile(source));
});

describe('a project outside the checkout', () => {
  it('lists our plugins, the third party’s and its own', () => {
    const listed = JSON.parse(eddy('plugins', '--file', 'lion.yml', '--json')) as {
      kind: string;
      name: string;
      package: string;
    }[];
    const optimizers = listed.filter(({ kind }) => kind === 'optimizer');
    expect(optimizers.map(({ name, package: from }) => `${name} of ${from}`).sort()).toEqual([
      'adam-atan2 of @eddy/optimizers',
      'adamw of @eddy/optimizers',
      'lion of eddy-optimizer-lion',
      'normalised-descent of ./normalised-descent.ts',
    ]);
  });

  it('validates options by the third party’s schema', async () => {
    eddy('validate', 'lion.yml');
    await writeFile(
      join(place.path, 'wrong.yml'),
      pipeline.replace('adam-atan2', 'lion, beta3: 1'),
    );
    const { status, stderr } = attempt('validate', 'wrong.yml');
    expect(status).toBe(2);
    expect(stderr).toContain('beta3');
  });

  it('runs a recipe by its bare name, and the pipeline that it starts with', async () => {
    eddy('run', 'sudoku-4x4', ...SHORT, '--run-dir', 'recipe');
    expect(await readdir(join(place.path, 'recipe', 'checkpoints'))).toEqual([
      'best.json',
      'step-00000002',
    ]);
    eddy('validate', 'pipeline.yml');
  });

  it.each(['adam-atan2', 'lion', 'normalised-descent'])('trains with %s', async (name) => {
    eddy('run', `${name}.yml`, '--run-dir', `run-${name}`);
    const checkpoints = await readdir(join(place.path, `run-${name}`, 'checkpoints'));
    expect(checkpoints.length).toBeGreaterThan(0);
    const config = await readFile(join(place.path, `run-${name}`, 'config.yml'), 'utf8');
    expect(config).toContain(name);
  });

  it('has the types of all that a plugin file imports', async () => {
    const compiler = join(place.path, 'node_modules/typescript/bin/tsc');
    const tsc = () =>
      spawnSync(process.execPath, [compiler], { cwd: place.path, encoding: 'utf8' });
    for (const [name, example] of readmeExamples()) {
      await writeFile(join(place.path, `readme-of-${name}.ts`), example);
    }
    expect(tsc()).toMatchObject({ status: 0, stdout: '' });
    const wrong = `import { rmsNorm } from '@eddy/models/kit';\nexport const x = rmsNorm(1, 2, 3);\n`;
    await writeFile(join(place.path, 'wrong.ts'), wrong);
    expect(tsc().stdout).toContain('wrong.ts(2,26)');
  });
});

describe('pipeline new, outside the checkout', () => {
  it.each(NEW_PLUGIN_KINDS)('writes a plugin of kind %s', (kind) => {
    eddy('new', kind, `new/my-${kind}.ts`);
  });

  it('writes files that compile, and tests that pass', async () => {
    await rm(join(place.path, 'wrong.ts'), { force: true });
    const run = (program: string, ...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [join(place.path, 'node_modules', program), ...args],
        { cwd: place.path, encoding: 'utf8' },
      );
      expect(status, stdout + stderr).toBe(0);
    };
    run('typescript/bin/tsc');
    run('vitest/vitest.mjs', 'run', 'new/');
  });
});

describe('packed files', () => {
  const folders = readdirSync(join(repository, 'packages'));
  /** By the name of the package: all of one start of npm. */
  let packed: Map<string, string[]>;
  beforeAll(() => {
    const args = ['pack', '--workspaces', '--dry-run', '--json', '--ignore-scripts'];
    const { stdout } = spawnSync('npm', args, { cwd: repository, encoding: 'utf8' });
    const listed = JSON.parse(stdout) as { name: string; files: { path: string }[] }[];
    packed = new Map(listed.map(({ name, files }) => [name, files.map(({ path }) => path)]));
    expect(packed.size).toBe(folders.length);
  });

  it.each(folders)('of %s are what its exports lead to, and no tests', (name) => {
    const paths = packed.get(`@eddy/${name}`)!;
    // The tests among the templates are for those who write plugins.
    const own = paths.filter((path) => !path.startsWith('templates/'));
    expect(own.filter((path) => UNWANTED.test(path))).toEqual([]);
    // Of testing code only what is exported: suites for authors of plugins and engines.
    const testing = paths.filter((path) => path.includes('/testing/'));
    const exported = exportedFiles(name).includes('dist/testing/index.js');
    expect(testing.length > 0).toBe(exported);
    expect(exported).toBe(['compiler', 'core', 'engines'].includes(name));
    expect(exportedFiles(name).filter((file) => !paths.includes(file))).toEqual([]);
  });
});

const UNWANTED =
  /\.(test|engine-test)\.|hostile|crafted|hydra-oracle|toy-(stages|training)|tsbuildinfo/;

/** The files that the `exports` of a package's users lead to. */
function exportedFiles(name: string): string[] {
  const text = readFileSync(join(repository, 'packages', name, 'package.json'), 'utf8');
  const { exports } = JSON.parse(text) as { exports: Record<string, unknown> };
  return Object.values(exports).flatMap((target) => {
    if (typeof target === 'string') return [target.slice(2)];
    const { types, default: main } = target as Record<string, string | undefined>;
    return [types, main].flatMap((file) => (file === undefined ? [] : [file.slice(2)]));
  });
}

/** The TypeScript of each package's README, by the package's folder; test/docs runs it. */
function readmeExamples(): [name: string, source: string][] {
  const folder = join(repository, 'packages');
  return readdirSync(folder).flatMap((name) => {
    const readme = readFileSync(join(folder, name, 'README.md'), 'utf8');
    return [...readme.matchAll(/^```ts\n(import [^]*?)^```/gm)].map(
      ([, source], i): [string, string] => [`${name}-${i}`, `${source!}\nexport {};\n`],
    );
  });
}

function npm(args: readonly string[], folder: string): void {
  const { status, stderr, stdout } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  expect(status, `npm ${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
}

/** Runs the installed `pipeline`; its standard output. */
function eddy(...args: string[]): string {
  const { status, stdout, stderr } = attempt(...args);
  expect(status, `pipeline ${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

function attempt(...args: string[]) {
  const env = { ...process.env, HOME: home.path, XDG_CACHE_HOME: join(home.path, '.cache') };
  const program = join(place.path, 'node_modules/.bin/pipeline');
  return spawnSync(program, args, { cwd: place.path, env, encoding: 'utf8' });
}
