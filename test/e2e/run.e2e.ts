/** Runs of the built CLI: results, reuse, stopping, resuming, failing. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { eventsOf, TINY, Workplace } from './eddy-cli.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.write('tiny.yml', TINY);
});
afterEach(() => place.remove());

const stagesOf = (stdout: string, type: string) =>
  eventsOf(stdout).flatMap((event) => (event.type === type ? [event['stage']] : []));

describe('run', () => {
  it('builds, trains, evaluates; a second run reuses what the first one made and says so', () => {
    const first = place.eddy('run', 'tiny.yml', '--json', '--run-dir', 'one');
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(stagesOf(first.stdout, 'stage-finished')).toEqual([
      'build',
      'augment',
      'train',
      'evaluate',
    ]);
    expect(
      eventsOf(first.stdout).filter(({ type }) => type === 'evaluation-finished'),
    ).toHaveLength(2);
    const files = readdirSync(join(place.folder, 'one'));
    expect(files).toEqual(
      expect.arrayContaining(['config.yml', 'manifest.json', 'journal.jsonl', 'checkpoints']),
    );

    expect(place.eddy('why', 'tiny.yml').stdout).toMatch(/^build: its result is in the cache/m);
    const second = place.eddy('run', 'tiny.yml', '--json');
    expect(stagesOf(second.stdout, 'stage-reused')).toEqual(['build', 'augment', 'train']);

    const forced = place.eddy(
      'run',
      'tiny.yml',
      '--json',
      '--force',
      'augment',
      '--until',
      'augment',
    );
    expect(stagesOf(forced.stdout, 'stage-reused')).toEqual(['build']);
    expect(stagesOf(forced.stdout, 'stage-finished')).toEqual(['build', 'augment']);

    const size = 'build.dataset.source.generator.train=12';
    expect(place.eddy('why', 'tiny.yml', size).stdout).toContain(
      'dataset.source.generator.train: 16 → 12',
    );
  });

  it('keeps to one run a folder', () => {
    expect(place.eddy('run', 'tiny.yml', '--until', 'build', '--run-dir', 'r').status).toBe(0);
    const again = place.eddy('run', 'tiny.yml', '--run-dir', 'r');
    expect(again).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('RUN_EXISTS') as string,
    });
    const changed = place.eddy('run', 'tiny.yml', 'seed=2', '--run-dir', 'r', '--resume', 'auto');
    expect(changed.stderr).toContain('RUN_CONFIG_CHANGED');
    expect(place.eddy('run', 'tiny.yml', '--run-dir', 'r', '--resume', 'auto').status).toBe(0);
  });

  it('runs its own resolved config', () => {
    place.eddy('run', 'tiny.yml', '--until', 'build', '--run-dir', 'r');
    const config = join('r', 'config.yml');
    expect(place.eddy('run', config, '--until', 'build')).toMatchObject({ status: 0, stderr: '' });
  });
});

/** Runs until the first step is reported, sends the signals, and waits for the end. */
async function stopAtFirstStep(args: string[], ...signals: NodeJS.Signals[]) {
  const child = place.start(...args);
  let stdout = '';
  let stderr = '';
  let sent = false;
  child.stderr!.on('data', (chunk) => (stderr += String(chunk)));
  child.stdout!.on('data', (chunk) => {
    stdout += String(chunk);
    if (sent || !stdout.includes('"step-finished"')) return;
    sent = true;
    signals.forEach((signal) => child.kill(signal));
  });
  const code = await new Promise((done) => child.on('exit', done));
  return { code, stdout, stderr };
}

describe('stop and resume', () => {
  const long = ['run', 'tiny.yml', 'train.epochs=4000', 'train.evalInterval=4000', '--json'];

  it('saves at the first signal, exits 75, and goes on', async () => {
    const first = await stopAtFirstStep([...long, '--run-dir', 'r'], 'SIGTERM');
    expect(first.stderr).toContain('pipeline resume');
    expect(first.code).toBe(75);

    const second = await stopAtFirstStep(['resume', 'r', '--json'], 'SIGINT');
    expect(second.code).toBe(75);
    const [resumed] = eventsOf(second.stdout).filter(({ type }) => type === 'resumed');
    const [next] = eventsOf(second.stdout).filter(({ type }) => type === 'step-finished');
    expect(resumed!['step']).toBeGreaterThan(0);
    expect(next!['step']).toBe(Number(resumed!['step']) + 1);

    const again = [...long, '--run-dir', 'r', '--resume', 'auto'];
    expect((await stopAtFirstStep(again, 'SIGTERM')).code).toBe(75);
  });

  it('saves at SIGUSR1 and goes on', async () => {
    const child = place.start(...long, '--run-dir', 'r');
    let stdout = '';
    let asked = false;
    let stopped = false;
    child.stdout!.on('data', (chunk) => {
      stdout += String(chunk);
      if (!asked && stdout.includes('"step-finished"')) {
        asked = true;
        child.kill('SIGUSR1');
      }
      const saved = stdout.indexOf('"checkpoint-saved"');
      // Once: a second SIGTERM ends the run without a checkpoint.
      if (!stopped && saved !== -1 && stdout.includes('"step-finished"', saved)) {
        stopped = true;
        child.kill('SIGTERM');
      }
    });
    const code = await new Promise((done) => child.on('exit', done));
    expect(code).toBe(75);
    const saved = eventsOf(stdout).filter(({ type }) => type === 'checkpoint-saved');
    // Asked for, and at the stop.
    expect(saved).toHaveLength(2);
  });

  it('ends at once at the second signal', async () => {
    // Two kinds: the system may merge two signals of one kind.
    const { code } = await stopAtFirstStep(long, 'SIGTERM', 'SIGINT');
    expect([130, 143]).toContain(code);
  });
});

describe('failures', () => {
  const stage = (body: string) => `
    import { definePlugin } from '@eddy/core';
import { InternalError } from '@eddy/tensor';
    import { throwError } from 'rxjs';
    import { z } from 'zod';
    export default definePlugin({
      kind: 'stage', name: 'odd', apiVersion: 1, summary: 'fails',
      config: z.strictObject({}), create: () => ({ needs: [], provides: [], run: () => ${body} }),
    });`;
  const pipeline = 'plugins: [./odd.ts]\nengine: cpu\nodd:\n';

  it('exits 1 and names the stage', () => {
    place.write('odd.ts', stage('throwError(() => new TypeError("no luck"))'));
    place.write('odd.yml', pipeline);
    const { status, stderr } = place.eddy('run', 'odd.yml');
    expect(status).toBe(1);
    expect(stderr).toMatch(/STAGE_FAILED {2}stage odd failed[^]*TypeError: no luck/);
  });

  it('exits 70 for a defect', () => {
    place.write('odd.ts', stage('throwError(() => new InternalError("broken"))'));
    place.write('odd.yml', pipeline);
    const { status, stderr } = place.eddy('run', 'odd.yml');
    expect(stderr).toContain('internal: broken');
    expect(status).toBe(70);
  });
});
