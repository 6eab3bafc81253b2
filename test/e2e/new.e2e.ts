/** What `pipeline new` writes runs, passes its own test and compiles, as the guides show it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { NEW_PLUGIN_KINDS } from '../../packages/cli/src/program.ts';
import { templateKinds } from '../../packages/cli/src/project/templates.ts';
import { eventsOf, TINY, Workplace } from './eddy-cli.ts';

const repository = resolve(import.meta.dirname, '../..');
/** Without an augmentation, which would be one of Sudokus. */
const BASE = TINY.replace(/^augment:\n.*\n/m, '').replace('epochs: 2', 'epochs: 1');

/** What each kind leaves behind after a run, under the name that its file was given. */
const EFFECT: Readonly<Record<string, (run: Ran) => void>> = {
  model: ({ folder }) => {
    expect(readFileSync(join(folder, 'config.yml'), 'utf8')).toContain('numDetails: 2');
    const evaluated = place.eddy('evaluate', folder, '--json');
    expect(evaluated.status, evaluated.stderr).toBe(0);
    const measured = eventsOf(evaluated.stdout).find(({ type }) => type === 'evaluation-finished');
    expect(Object.keys(measured!['metrics'] as object)).toContain('exact_accuracy');
    const { status, stdout } = place.eddy('predict', folder, '1...3...2...4...', '--trace');
    expect(stdout).toMatch(/step 3 {2}.* {2}halt [−+]/);
    expect(status).toBe(0);
  },
  optimizer: ({ folder }) => {
    expect(readFileSync(join(folder, 'config.yml'), 'utf8')).toContain('use: my-optimizer');
  },
  dataset: ({ folder, events }) => {
    const leakage = events.find(({ type }) => type === 'leakage-checked');
    expect(leakage?.['text']).toBe('0 of 100 test examples occur in train under the symmetries of my-dataset'); // prettier-ignore
    const { status, stdout } = place.eddy('predict', folder, '1... .2.. ..3. ....');
    expect(status).toBe(0);
    expect(stdout).toMatch(/column \d has not every symbol once/);
    const { stderr } = place.eddy('predict', folder, '1...\n.x..');
    expect(stderr).toMatch(/PUZZLE_INVALID[^]*:2:2\n/);
  },
  evaluator: ({ events }) => {
    const { metrics } = events.find(({ type }) => type === 'evaluation-finished') as never as {
      metrics: Record<string, number>;
    };
    expect(metrics['wrong_cells']).toBeGreaterThan(0);
    expect(metrics['wrong_cells']).toBeLessThanOrEqual(16);
  },
  stage: ({ events }) => {
    const finished = events.filter(({ type }) => type === 'stage-finished');
    expect(finished.map(({ stage }) => stage)).toContain('easy-puzzles');
  },
  logger: ({ folder }) => {
    const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ split: 'test' });
  },
  engine: ({ stderr }) => {
    expect(stderr).toMatch(/\d+ calls, [\d.]+ ms each/);
  },
};

interface Ran {
  readonly folder: string;
  readonly events: ReturnType<typeof eventsOf>;
  readonly stderr: string;
}

let place: Workplace;
beforeAll(() => {
  place = new Workplace();
  place.write('package.json', '{ "name": "elsewhere", "type": "module" }');
  place.write('base.yml', BASE);
});
afterAll(() => place.remove());

it('has a template for every kind that the command takes', () => {
  expect(templateKinds()).toEqual([...NEW_PLUGIN_KINDS].sort());
  expect(Object.keys(EFFECT).sort()).toEqual(templateKinds());
});

describe.each(NEW_PLUGIN_KINDS)('pipeline new %s', (kind) => {
  const name = `my-${kind}`;

  it('writes a plugin that a pipeline runs', () => {
    const { status, stdout } = place.eddy('new', kind, `${name}.ts`);
    expect(status).toBe(0);
    const [, yaml] = /:\n\n((?: {2}.*\n)+)\nNext/.exec(stdout)!;
    place.write(`${kind}.yml`, `extends: ./base.yml\n${yaml!.replace(/^ {2}/gm, '')}`);
    expect(place.eddy('validate', `${kind}.yml`)).toMatchObject({ status: 0, stderr: '' });
    const run = place.eddy(
      'run',
      `${kind}.yml`,
      'train.maxSteps=4',
      '--json',
      '--run-dir',
      `run-${kind}`,
    );
    expect(run.stderr.includes('Error'), run.stderr).toBe(false);
    expect(run.status).toBe(0);
    const folder = join(place.folder, `run-${kind}`);
    EFFECT[kind]!({ folder, events: eventsOf(run.stdout), stderr: run.stderr });
  });

  it('lists its options as those of a built-in plugin', () => {
    const source = readFileSync(join(place.folder, `${name}.ts`), 'utf8');
    const options = [...source.matchAll(/^ {2}(\w+): z\..*describe/gm)].map(
      ([, option]) => option!,
    );
    const { stdout } = place.eddy('plugins', name, '--file', `${kind}.yml`);
    for (const option of options) expect(stdout).toMatch(new RegExp(`^${option} .+`, 'm'));
    expect(stdout).toMatch(new RegExp(`^source {2}${name}\\.ts$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^guide {3}.*/docs/guides/write-an?-${kind}\\.md$`, 'm'));
    const schema = place.eddy('schema', `${kind}.yml`).stdout;
    expect(schema).toContain(`"const": "${name}"`);
  });

  it('never overwrites a file unless it is told to', () => {
    const file = place.write(`${name}.ts`, readFileSync(join(place.folder, `${name}.ts`), 'utf8'));
    const before = readFileSync(file, 'utf8');
    place.write(`${name}.ts`, '// mine');
    const { status, stderr } = place.eddy('new', kind, `${name}.ts`);
    expect(stderr).toContain('OUTPUT_EXISTS');
    expect(stderr).toContain('--force');
    expect(status).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe('// mine');
    expect(place.eddy('new', kind, `${name}.ts`, '--force').status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});

describe('the written files, beside an installation', () => {
  beforeAll(() => {
    symlinkSync(join(repository, 'node_modules'), join(place.folder, 'node_modules'));
    // A name that is taken: by the contract that the file imports, by JavaScript.
    place.eddy('new', 'optimizer', 'plugins/optimizer.ts');
    place.eddy('new', 'engine', 'plugins/map.ts');
    place.write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          module: 'NodeNext',
          target: 'ES2023',
          strict: true,
          noUncheckedIndexedAccess: true,
          noEmit: true,
          allowImportingTsExtensions: true,
          skipLibCheck: true,
          types: ['node'],
        },
        include: ['*.ts', 'plugins/*.ts'],
      }),
    );
  });

  const inPlace = (program: string, ...args: string[]) => {
    const bin = join(repository, 'node_modules', program);
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
      cwd: place.folder,
      encoding: 'utf8',
    });
    return { status, text: stdout + stderr };
  };

  it('compile', () => {
    expect(existsSync(join(place.folder, 'plugins/map.test.ts'))).toBe(true);
    expect(inPlace('typescript/bin/tsc', '--noEmit')).toEqual({ status: 0, text: '' });
  });

  it('pass their tests', () => {
    const { status, text } = inPlace('vitest/vitest.mjs', 'run');
    expect(status, text).toBe(0);
    expect(text).toContain(`${NEW_PLUGIN_KINDS.length + 2} passed`);
  });
});

describe('names', () => {
  it.each([
    ['Adam_W.ts', 'PLUGIN_FILE_INVALID', 'pipeline new optimizer adam-w.ts'],
    ['own/thing.js', 'PLUGIN_FILE_INVALID', 'pipeline new optimizer own/thing.ts'],
    ['true.ts', 'PLUGIN_FILE_INVALID', 'pipeline new optimizer my-optimizer.ts'],
    ['adamw.ts', 'PLUGIN_NAME_TAKEN', 'pipeline new optimizer my-adamw.ts'],
  ])('%s is refused with %s', (file, code, fix) => {
    const { status, stderr } = place.eddy('new', 'optimizer', file);
    expect(stderr).toContain(code);
    expect(stderr).toContain(`choose another name: \`${fix}\`\n`);
    expect(status).toBe(2);
  });

  it('refuses a kind without a template', () => {
    const { status, stderr } = place.eddy('new', 'metric', 'my-metric.ts');
    expect(stderr).toContain('Allowed choices are model');
    expect(status).toBe(2);
  });
});
