/** A run that was moved or copied works with every command, also where its project is gone. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { sealed, unsealed } from '@eddy/core/report';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { TINY, Workplace } from './eddy-cli.ts';

const PUZZLE = '1...' + '..1.' + '.1..' + '...1';

let place: Workplace;
const at = (...parts: string[]) => join(place.folder, ...parts);

/** A project with a plugin of two files and with data of its own, and a run of it. */
beforeAll(() => {
  place = new Workplace();
  const template = resolve(import.meta.dirname, '../../packages/cli/templates/evaluator');
  const plugin = readFileSync(join(template, 'wrong-cells.ts'), 'utf8');
  place.write('project/package.json', '{}');
  place.write('project/lib/worst.ts', 'export const WORST = 5;\n');
  place.write(
    'project/pipelines/plugins/wrong-cells.ts',
    `import { WORST } from '../../lib/worst.ts';\n${plugin.replace('default(5)', 'default(WORST)')}`,
  );
  place.write(
    'project/pipelines/tiny.yml',
    `${TINY.replace('[exact-accuracy]', '[exact-accuracy, wrong-cells]')}plugins: [./plugins/wrong-cells.ts]\n`,
  );
  const run = place.eddy('run', 'project/pipelines/tiny.yml', '--run-dir', 'project/runs/r');
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
  for (const copy of ['moved ü/a run', 'untouched']) {
    cpSync(at('project/runs/r'), at(copy), { recursive: true });
  }
  mkdirSync(at('work'));
});
afterAll(() => place.remove());

/** The run in another place, and how the commands are started. */
interface Case {
  readonly run: string;
  readonly before?: string;
}

/** Runs every command about the run; each must succeed, and give what it gave where the run was made. */
function everyCommand({ run, before = '' }: Case): void {
  const sh = (script: string) => {
    const { status, stdout, stderr } = place.sh(
      `${before}\ncd work\nrm -rf out; mkdir out\n${script}`,
    );
    expect({ script, status, stderr }).toMatchObject({ script, status: 0 });
    return { stdout, stderr };
  };
  const predicted = (from: string) =>
    (JSON.parse(sh(`pipeline predict '${from}' ${PUZZLE} --json`).stdout) as { answer: string })
      .answer;
  const answer = predicted(run);
  expect(answer).toBe(predicted(at('untouched')));
  const evaluated = sh(`pipeline evaluate '${run}' --run-dir out/evaluation --json`).stdout;
  const metrics = evaluated.split('\n').find((line) => line.includes('"evaluation-finished"'))!;
  expect((JSON.parse(metrics) as { metrics: object }).metrics).toEqual(recorded('untouched'));
  sh(`pipeline export '${run}' --format safetensors -o out/weights.safetensors`);
  sh(`pipeline average '${run}' '${run}' -o out/mean && pipeline predict out/mean ${PUZZLE}`);
  expect(sh(`pipeline diff '${run}' '${at('untouched')}'`).stdout).toMatch(/metrics: all \d+ are/);
  expect(sh(`pipeline runs "$(dirname '${run}')"`).stdout).toMatch(/ done .* 4 /);
  expect(sh(`pipeline why '${run}'`).stdout).toContain('build: ');
  expect(sh(`pipeline plan '${run}'`).stdout).toContain('in all');
  expect(sh(`pipeline config '${run}'`).stdout).toContain('name: tiny');
  sh(`pipeline export-dataset '${run}' -o out/data`);
  expect(sh(`pipeline resume '${run}'`).stdout).toContain('done');
}

function recorded(run: string): object {
  const file = at(run, 'evaluations/step-00000004/metrics.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { metrics: object }).metrics;
}

describe('every command works on a run', () => {
  it('in another folder, from another working folder', () => {
    everyCommand({ run: at('moved ü/a run') });
  });

  it('behind a link, by a relative path, in another time zone', () => {
    everyCommand({
      run: '../link',
      before: `ln -sfn 'moved ü/a run' link; export TZ=Pacific/Auckland`,
    });
  });

  it('of which the project is gone, with another home and an empty cache', () => {
    renameSync(at('project'), at('elsewhere'));
    try {
      everyCommand({
        run: at('moved ü/a run'),
        before: 'export HOME="$PWD/other home" EDDY_CACHE="$PWD/other cache"',
      });
    } finally {
      renameSync(at('elsewhere'), at('project'));
    }
  });
});

it('predict writes nothing into the folder of a run', () => {
  const before = filesOf(at('untouched'));
  renameSync(at('project'), at('elsewhere'));
  try {
    const { status, stderr } = place.eddy('predict', 'untouched', PUZZLE);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(
        /the plugins are the run's own copies in .*sources: lib\/worst.ts,/,
      ),
    });
  } finally {
    renameSync(at('elsewhere'), at('project'));
  }
  expect(filesOf(at('untouched'))).toEqual(before);
});

it('a plugin that has changed since is used, with a warning, and kept when the run goes on', () => {
  cpSync(at('untouched'), at('changed'), { recursive: true });
  place.write('project/lib/worst.ts', 'export const WORST = 2;\n');
  const predict = () => place.eddy('predict', 'changed', PUZZLE).stderr;
  expect(predict()).toMatch(/worst.ts differs from the file that the run was started with/);
  expect(place.eddy('resume', 'changed').status).toBe(0);
  expect(predict()).toBe('');
  const kept = readFileSync(at('changed/sources/lib/worst.ts'), 'utf8');
  expect(kept).toContain('WORST = 2');
  place.write('project/lib/worst.ts', 'export const WORST = 5;\n');
});

it('evaluate refuses data that are not those of the run, unless they are allowed', () => {
  cpSync(at('untouched'), at('other-data'), { recursive: true });
  const file = at('other-data/manifest.json');
  const { body } = unsealed(readFileSync(file, 'utf8'));
  const manifest = JSON.stringify(body).replace(/"key":"[0-9a-f]+"/, '"key":"0123"');
  place.write('other-data/manifest.json', sealed(JSON.parse(manifest) as object));
  const refused = place.eddy('evaluate', 'other-data', '--run-dir', 'refused');
  expect(refused.status).toBe(2);
  expect(refused.stderr).toMatch(/^OTHER_DATA .*\n.*\n {2}expected {2}the dataset 0123/);
  const allowed = ['--run-dir', 'told', '--allow-other-data'];
  const { status, stdout, stderr } = place.eddy('evaluate', 'other-data', ...allowed);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/the data of stage build differ from those of .*other-data: 0123 → /);
});

/** Name, size, time of change and content of every file below a folder. */
function filesOf(folder: string): object[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const { mtimeMs, size } = statSync(path);
      if (statSync(path).isDirectory()) return { name, mtimeMs };
      const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
      return { name, mtimeMs, size, sha256 };
    });
}
