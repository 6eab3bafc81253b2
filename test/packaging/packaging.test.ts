/**
 * Packs every package and an optimizer that somebody else wrote, installs the tarballs in a folder of
 * their own, and swaps the optimizer of a pipeline by one word.
 */
import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { sharedFolder } from '@eddy/core/testing';
import { beforeAll, describe, expect, it } from 'vitest';

const repository = resolve(import.meta.dirname, '../..');
const thirdParty = join(import.meta.dirname, 'third-party/eddy-optimizer-lion');

/** Small enough for the eager engine that comes with npm. */
const pipeline = `
name: packed
seed: 1
engine: wasm
plugins: [eddy-optimizer-lion]
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

/** Where the tarballs are installed, and an empty home, so that nothing of this machine helps. */
const place = sharedFolder();
const home = sharedFolder();

beforeAll(async () => {
  npm(['pack', '--silent', '--workspaces', '--pack-destination', place.path], repository);
  npm(['pack', '--silent', thirdParty], place.path);
  const tarballs = (await readdir(place.path)).filter((file) => file.endsWith('.tgz'));
  expect(tarballs).toHaveLength(11);
  await writeFile(join(place.path, 'package.json'), '{ "name": "elsewhere", "private": true }\n');
  const install = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  npm([...install, ...tarballs.map((file) => `./${file}`)], place.path);
  await writeFile(join(place.path, 'ours.yml'), pipeline);
  await writeFile(join(place.path, 'theirs.yml'), pipeline.replace('adam-atan2', 'lion'));
});

describe('packages installed from tarballs', () => {
  it('lists our plugins and the third party’s', () => {
    const listed = JSON.parse(eddy('plugins', '--file', 'theirs.yml', '--json')) as {
      kind: string;
      name: string;
      package: string;
    }[];
    const optimizers = listed.filter(({ kind }) => kind === 'optimizer');
    expect(optimizers.map(({ name, package: from }) => `${name} of ${from}`).sort()).toEqual([
      'adam-atan2 of @eddy/optimizers',
      'adamw of @eddy/optimizers',
      'lion of eddy-optimizer-lion',
    ]);
  });

  it('validates options by the third party’s schema', async () => {
    eddy('validate', 'theirs.yml');
    await writeFile(
      join(place.path, 'wrong.yml'),
      pipeline.replace('adam-atan2', 'lion, beta3: 1'),
    );
    const { status, stderr } = attempt('validate', 'wrong.yml');
    expect(status).toBe(2);
    expect(stderr).toContain('beta3');
  });

  it('knows the recipes by their bare names', () => {
    eddy('validate', 'sudoku-4x4');
  });

  it.each(['ours', 'theirs'])('trains with %s', async (name) => {
    eddy('run', `${name}.yml`, '--run-dir', `run-${name}`);
    const checkpoints = await readdir(join(place.path, `run-${name}`, 'checkpoints'));
    expect(checkpoints.length).toBeGreaterThan(0);
    const config = await readFile(join(place.path, `run-${name}`, 'config.yml'), 'utf8');
    expect(config).toContain(name === 'ours' ? 'adam-atan2' : 'lion');
  });
});

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
