/** Sweeps and ablations by the built CLI. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { TINY, Workplace } from './eddy-cli.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.write('my-sudoku.yml', TINY.replace('name: tiny', 'name: my-sudoku'));
});
afterEach(() => place.remove());

interface Results {
  readonly metric: string;
  readonly trials: readonly {
    readonly id: string;
    readonly values: Readonly<Record<string, string>>;
    readonly status: string;
    readonly metrics: Readonly<Record<string, number>>;
    readonly folder: string;
  }[];
}

const journalOf = (sweep: string) =>
  readFileSync(join(place.folder, sweep, 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n');

describe('docs/guides/sweeps.md', () => {
  it('shows what works', () => {
    const guide = readFileSync(resolve(import.meta.dirname, '../../docs/guides/sweeps.md'), 'utf8');
    const [ablation] = [...guide.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text!);
    place.write('ablation.yml', ablation!);
    const commands = [...guide.matchAll(/```sh\n([^]*?)```/g)].map(([, text]) => text!);
    expect(commands).toHaveLength(4);
    const outputs = commands.map((command) => {
      const { status, stdout, stderr } = place.sh(command);
      expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' });
      return stdout;
    });
    expect(outputs[0]).toMatch(/^4 trials: /);
    // The data is made once, whatever the seed of the training.
    const made = readFileSync(trialLog('my-sudoku', '003'), 'utf8');
    expect(made).toMatch(/build.*(reused|cache)/);
    expect(outputs[1]).toMatch(/^2 trials: /);
    const rows = /^(?:full|no-average) .* ± .* 2 /gm;
    expect(outputs[2]!.match(rows)).toHaveLength(2);
    expect(outputs[2]).toContain('sorted by cell_accuracy');
    expect(outputs[3]).toMatch(/^4 trials, 4 of them ended before: /);
    expect(outputs[3]!.match(rows)).toEqual(outputs[2]!.match(rows));
  });

  function trialLog(name: string, id: string): string {
    const folders = readdirSync(join(place.folder, 'sweeps')).filter((f) => f.startsWith(name));
    const logs = folders.map((f) => join(place.folder, 'sweeps', f, 'trials', id, 'output.log'));
    return logs.find((log) => existsSync(log))!;
  }
});

describe('sweep', () => {
  it('is what `run -m` does, and gives the results as JSON', () => {
    const args = ['my-sudoku.yml', 'seed=1,2', 'train.epochs=1', '--json'];
    const { status, stdout } = place.eddy('run', '-m', ...args);
    expect(status).toBe(0);
    const results = JSON.parse(stdout) as Results;
    expect(results.metric).toBe('exact_accuracy');
    expect(results.trials.map(({ values }) => values)).toEqual([{ seed: '1' }, { seed: '2' }]);
    // A trial is the run of those overrides, with the same result.
    const one = place.eddy('run', 'my-sudoku.yml', 'seed=2', 'train.epochs=1', '--json');
    const [evaluation] = [...one.stdout.matchAll(/^.*"evaluation-finished".*$/gm)];
    const { metrics } = JSON.parse(evaluation![0]) as { metrics: Record<string, number> };
    expect(results.trials[1]!.metrics).toMatchObject(metrics);
  });

  it('stops by Ctrl-C with 75 and goes on where it was', async () => {
    const args = ['sweep', 'my-sudoku.yml', 'seed=1,2,3', 'train.epochs=8', '--sweep-dir', 's'];
    const child = place.start(...args, '--jobs', '2');
    const lines: string[] = [];
    child.stdout!.on('data', (chunk: Buffer) => {
      const before = lines.join('');
      lines.push(chunk.toString());
      if (!/ done /.test(before) && / done /.test(lines.join(''))) child.kill('SIGINT');
    });
    const code = await new Promise((done) => child.on('close', done));
    expect(code, lines.join('')).toBe(75);
    const before = journalOf('s').filter((line) => line.includes('trial-ended'));
    expect(before.length).toBeLessThan(3);

    expect(place.eddy(...args)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('SWEEP_EXISTS') as string,
    });
    const other = place.eddy(...args.with(2, 'seed=1,2'), '--resume', 'auto');
    expect(other.stderr).toContain('SWEEP_CHANGED');
    expect(place.eddy(...args, '--resume', 'auto')).toMatchObject({ status: 0, stderr: '' });
    const ended = journalOf('s').filter((line) => line.includes('trial-ended'));
    expect(ended).toHaveLength(3);
    expect(ended.slice(0, before.length)).toEqual(before);
    // Its trials are runs: of the sweep itself, and of the folder that it lies in.
    for (const folder of ['s', '.']) {
      const { stdout } = place.eddy('runs', folder);
      for (const id of ['000', '001', '002']) {
        expect(stdout).toMatch(new RegExp(`^s/trials/${id} +done`, 'm'));
      }
    }
  });

  it('goes on after a trial that fails, and exits with 1', () => {
    const { status, stdout, stderr } = place.eddy(
      'sweep',
      'my-sudoku.yml',
      // The first learning rate overflows in the first step.
      '++train.optimizer.learningRate=1e38,1e-4',
      'train.epochs=1',
    );
    expect(status).toBe(1);
    expect(stderr).toContain('SWEEP_TRIALS_FAILED  1 of 2 trials failed');
    expect(stdout).toMatch(/^1e-4 .* 1 /m);
    expect(stdout).toMatch(/^1e38 .* 0\/1/m);
  });

  it('finds what is wrong with any trial before the first runs', () => {
    const broken = place.eddy('sweep', 'my-sudoku.yml', 'train.model.hiddenSize=16,x,y');
    expect(broken.status).toBe(2);
    expect(broken.stderr).toContain('2 problems');
    expect(existsSync(join(place.folder, 'sweeps'))).toBe(false);
    expect(place.eddy('sweep', 'my-sudoku.yml').stderr).toContain('SWEEP_EMPTY');
    expect(place.eddy('run', '-m', 'my-sudoku.yml', 'seed=1,2', '--run-dir', 'x')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('USAGE_INVALID') as string,
    });
  });
});
