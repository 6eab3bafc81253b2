/** Each command of the built CLI: what it prints and how it exits. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { TINY, Workplace } from './eddy-cli.ts';

const recipes = resolve(import.meta.dirname, '../../pipelines');

let place: Workplace;
beforeAll(() => {
  place = new Workplace();
  place.write('package.json', '{"name": "elsewhere"}');
  place.write('tiny.yml', TINY);
});
afterAll(() => place.remove());

describe('pipeline --help', () => {
  it('adds less than 200 ms to the start of Node', () => {
    // Processor time, and the best of several: the machine may be busy.
    const bestMs = (command: string) =>
      Math.min(
        ...Array.from({ length: 7 }, () => {
          const { stderr } = place.sh(`TIMEFORMAT='%3U %3S'; time ${command} > help.txt`);
          const [user, system] = stderr.trim().split(' ').map(Number);
          return (user! + system!) * 1000;
        }),
      );
    const bareMs = bestMs(`'${process.execPath}' -e 0`);
    expect(bareMs).toBeGreaterThan(5);
    expect(bestMs('pipeline --help') - bareMs).toBeLessThan(200);
  });

  const commands = [
    'run',
    'sweep',
    'resume',
    'plan',
    'validate',
    'config',
    'why',
    'schema',
    'plugins',
    'predict',
    'average',
    'pack',
    'replay',
    'diff',
    'runs',
    'report',
    'completion',
    'ui',
    'init',
    'new',
    'import',
    'export',
    'export-dataset',
    'from-reference',
  ];

  it.each(['', ...commands, 'evaluate', 'engines', 'engines install', 'doctor'])(
    '%s',
    (command) => {
      const { status, stdout } = place.eddy(...command.split(' ').filter(Boolean), '--help');
      expect(status).toBe(0);
      expect(stdout).toMatchSnapshot();
    },
  );
});

describe('pipeline --version', () => {
  it.each(['--version', '-V'])('%s', (option) => {
    const manifest = resolve(import.meta.dirname, '../../packages/cli/package.json');
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    expect(place.eddy(option)).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('usage', () => {
  it.each([
    [['nonsense'], 'unknown command'],
    [['run'], 'missing required argument'],
    [['run', 'tiny.yml', '--nonsense'], 'unknown option'],
    [['run', 'tiny.yml', '--resume', 'sometimes'], 'Allowed choices are auto'],
    [['run', 'sudoku-4x5'], 'did you mean sudoku-4x4?'],
    [['validate', 'none.yml'], 'PIPELINE_NOT_FOUND'],
    [['resume', 'nowhere'], 'RUN_NOT_FOUND'],
    [['run', 'tiny.yml', 'train.epochs'], 'an override needs a value'],
    [['plugins', 'adamx'], 'did you mean adamw?'],
    [['why', 'tiny.yml', '--stage', 'none'], 'STAGE_UNKNOWN'],
    [['run', 'tiny.yml', '--until', 'none'], 'STAGE_UNKNOWN'],
  ])('%j exits 2', (args, text) => {
    const { status, stderr } = place.eddy(...args);
    expect(stderr).toContain(text);
    expect(status).toBe(2);
  });
});

describe('validate', () => {
  it('accepts the recipes by their bare names', () => {
    for (const recipe of [
      'sudoku-4x4',
      'sudoku-9x9-small.yml',
      'sudoku-trm-mlp',
      'sudoku-trm-att',
    ]) {
      expect(place.eddy('validate', recipe)).toMatchObject({ status: 0, stderr: '' });
    }
  });

  it('reports everything at once', () => {
    place.write(
      'wrong.yml',
      TINY.replace('optimizer: { use: adamw', 'optimizer: { use: adamww')
        .replace('hiddenSize: 16', 'hiddenSize: "16"')
        .replace('seed: 1', 'sed: 1')
        .replace('evaluators: [', 'evaluator: ['),
    );
    const { status, stderr } = place.eddy('validate', 'wrong.yml', 'train.model.numLayer=2');
    expect(status).toBe(2);
    expect(stderr).toMatchSnapshot();
  });

  it('checks that a stage finds the stages that it names', () => {
    const load = 'train.loadCheckpoint={stage: pretrain}';
    const { status, stderr } = place.eddy('validate', 'tiny.yml', load);
    expect(stderr).toContain('STAGE_NEED_MISSING');
    expect(stderr).toContain('pretrain');
    expect(status).toBe(2);
  });

  it('checks how parts fit together', () => {
    const { status, stderr } = place.eddy(
      'validate',
      'tiny.yml',
      'train.model.mlpT=false',
      'train.model.numHeads=17',
    );
    expect(stderr).toContain('train.model.numHeads');
    expect(status).toBe(2);
  });
});

describe('init', () => {
  it('writes a valid pipeline under the name of the file, and never over one', () => {
    expect(place.eddy('init', 'new/mine.yml').stdout).toContain('pipeline run new/mine.yml');
    const { status, stdout } = place.eddy('validate', 'new/mine.yml');
    expect(stdout).toMatch(/^mine: valid/);
    expect(status).toBe(0);
    const { stderr } = place.eddy('init', 'new/mine.yml');
    expect(stderr).toContain('OUTPUT_EXISTS');
    expect(stderr).toContain('fix       name another file: `pipeline init new/mine-2.yml`');
  });

  it.each(['sudoku-9x9-small', 'sudoku-trm-att', 'arc-agi-2'])('starts from %s', (recipe) => {
    place.eddy('init', `${recipe}.yml`, '--recipe', recipe);
    expect(place.eddy('validate', `${recipe}.yml`)).toMatchObject({ status: 0, stderr: '' });
    const config = (file: string) =>
      place.eddy('config', file, '--no-origins').stdout.replaceAll(/kaggle.*/g, '');
    expect(config(`./${recipe}.yml`)).toBe(config(resolve(recipes, `${recipe}.yml`)));
  });

  it('names the nearest recipe', () => {
    expect(place.eddy('init', 'x.yml', '--recipe', 'sudoku-trm-at').stderr).toContain(
      'PIPELINE_NOT_FOUND',
    );
  });
});

describe('config', () => {
  it('prints a pipeline that is itself valid, with the origin of every value', () => {
    place.write('over.yml', 'extends: ./tiny.yml\nname: over\ntrain: {epochs: 4}');
    const { status, stdout } = place.eddy('config', 'over.yml', 'train.evalInterval=2');
    expect(status).toBe(0);
    expect(stdout).toMatchSnapshot();
    place.write('printed.yml', stdout);
    const again = place.eddy('config', 'printed.yml', '--no-origins');
    expect(again.stdout).toBe(
      place.eddy('config', 'over.yml', 'train.evalInterval=2', '--no-origins').stdout,
    );
  });
});

describe('plugins, schema, engines, doctor', () => {
  it('lists plugins and their options', () => {
    const listed = JSON.parse(place.eddy('plugins', '--json').stdout) as {
      kind: string;
      name: string;
    }[];
    expect(listed).toContainEqual(expect.objectContaining({ kind: 'model', name: 'trm' }));
    expect(place.eddy('plugins', 'adamw').stdout).toMatch(/learningRate +number +/);
    expect(place.eddy('plugins', 'optimizer').stdout).toMatch(/adam-atan2[^]*adamw/);
  });

  it('says of each plugin which file defines it', () => {
    const listed = JSON.parse(place.eddy('plugins', '--json').stdout) as {
      kind: string;
      name: string;
      source: string;
    }[];
    expect(listed.length).toBeGreaterThan(40);
    for (const { kind, name, source } of listed) {
      expect(source).toMatch(/\/packages\/\w+\/src\/.*\.plugin\.ts$/);
      const text = readFileSync(source, 'utf8');
      expect(text, source).toContain(`kind: '${kind}'`);
      expect(text, source).toContain(`name: '${name}'`);
    }
    const models = resolve(import.meta.dirname, '../../packages/models/src');
    const { stdout } = place.eddy('plugins', 'trm');
    expect(stdout).toContain(`\nsource  ${models}/trm/trm.plugin.ts\n`);
    expect(stdout).toContain(`\npage    ${models}/trm/README.md\n`);
    expect(stdout).toMatch(/\nguide {3}.*\/docs\/guides\/write-a-model\.md\n/);
  });

  it('has the schema of the recipes up to date', () => {
    const { stdout } = place.eddy('schema');
    const committed = resolve(import.meta.dirname, '../../pipelines/schema.json');
    expect(stdout, 'npx pipeline schema -o pipelines/schema.json').toBe(
      readFileSync(committed, 'utf8'),
    );
    place.eddy('schema', '--output', 'here/schema.json');
    expect(readFileSync(join(place.folder, 'here/schema.json'), 'utf8')).toBe(stdout);
  });

  it('ends quietly when its reader does', () => {
    const { stdout, stderr } = place.sh('set -o pipefail; pipeline schema | head -c 20');
    expect({ stdout, stderr }).toEqual({ stdout: '{\n  "type": "object"', stderr: '' });
  });

  it('ends as it would when nobody reads its errors', () => {
    const { stdout } = place.sh('pipeline run nowhere.yml 2>&1 | true; echo ${PIPESTATUS[0]}');
    expect(stdout).toBe('2\n');
  });

  it('tells which engines are here and what is missing', () => {
    expect(place.eddy('engines').stdout).toMatch(/^wasm +yes/m);
    const { status, stdout } = place.eddy('doctor');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ok +node/m);
    expect(place.eddy('engines', 'install', 'nonsense').status).toBe(2);
  });
});
