/**
 * The disk of the run's folder fills up, or no more files can be opened, at any moment: one clear error, and a
 * resume that has every step once. A tracking server that fails ends nothing.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { fill, onSmallDisk } from './small-disk.ts';
import { MOMENTS, moments, tinyRuns } from './tiny-runs.ts';

const { at, shell, reaches, resume, expectDone, warningsOf } = tinyRuns();

/** What a run may say when it cannot write. */
const REFUSALS = /^(?:JOURNAL_WRITE_FAILED|CHECKPOINT_WRITE_FAILED|RUN_FOLDER_UNUSABLE) /m;

describe('the disk of the run', () => {
  it.for(moments)('that is full from the phase %s on', ([name, moment], context) =>
    onSmallDisk(at(`disk-${name}`), '8m', context, async (disk) => {
      const run = `disk-${name}/run`;
      const { ended, errors } = shell('exec RUN', run, ['train.checkpoint.keep=1']);
      await reaches(run, moment, ended);
      const filler = fill(disk);
      const code = await ended;
      if (name === 'end') expect(code, errors()).toBe(0);
      else {
        expect(code, errors()).toBe(1);
        expect(errors()).toMatch(REFUSALS);
        expect(errors()).toContain('ENOSPC');
        expect(errors()).not.toContain('    at ');
        filler.free();
        await resume(run);
      }
      expectDone(run);
    }),
  );
});

describe('open files', () => {
  it.for(['training', 'evaluation', 'saving'] as const)(
    'that may be no more from the phase %s on',
    async (name, context) => {
      const run = `files-${name}`;
      const { child, ended, errors } = shell('exec RUN', run);
      await reaches(run, MOMENTS[name], ended);
      try {
        execFileSync('prlimit', ['--pid', String(child.pid), '--nofile=3:'], { stdio: 'pipe' });
      } catch (error) {
        context.skip(`no prlimit here: ${String(error)}`);
      }
      expect(await ended, errors()).toBe(1);
      expect(errors()).toMatch(/^(?:TOO_MANY_FILES|CHECKPOINT_WRITE_FAILED) /m);
      expect(errors()).toContain('EMFILE');
      await resume(run);
      expectDone(run);
    },
  );
});

describe('a tracking server', () => {
  const servers: Record<string, RequestListener> = {
    hangs: () => undefined,
    'answers 500': (_request, response) => void response.writeHead(500).end('no'),
    'closes connections': (request) => void request.socket.destroy(),
    'answers no JSON': (_request, response) => void response.end('<html>'),
    'sends a body that never ends': (_request, response) => void response.write('{"a":'),
  };

  it.each(Object.entries(servers))(
    'that %s ends nothing, and is told once',
    async (name, answer) => {
      const server = createServer(answer);
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const run = `server-${name.replaceAll(' ', '-')}`;
      try {
        const loggers = `loggers=[{use: mlflow, trackingUri: "${uri}", timeoutSeconds: 1},csv]`;
        const { ended, errors } = shell('exec RUN', run, [loggers]);
        expect(await ended, errors()).toBe(0);
        expectDone(run);
        const told = warningsOf(run).filter((text) => text.startsWith('MLflow: '));
        expect(told.length).toBeGreaterThan(0);
        // When it begins, and at the end.
        expect(told.length).toBeLessThanOrEqual(2);
        expect(told.at(-1)).toContain('the journal has everything, resuming the run sends it');
        expect(readdirSync(at(run))).toContain('metrics.csv');
      } finally {
        server.closeAllConnections();
        server.close();
      }
    },
  );
});

describe('files of loggers', () => {
  it('that cannot be made end nothing, and are told once each', async () => {
    const run = 'odd-files';
    for (const name of ['metrics.csv', 'report.html']) {
      mkdirSync(join(at(run), name), { recursive: true });
    }
    for (const name of ['tensorboard', 'wandb']) writeFileSync(join(at(run), name), '');
    const { ended, errors } = shell('exec RUN', run, [
      'loggers=[csv,tensorboard,wandb-offline,report]',
    ]);
    expect(await ended, errors()).toBe(0);
    expectDone(run);
    for (const name of ['csv', 'tensorboard', 'wandb-offline']) {
      const told = warningsOf(run).filter((text) => text.startsWith(`logger ${name} failed: E`));
      expect(told).toHaveLength(1);
    }
    expect(warningsOf(run).join()).toContain('the report could not be written: EISDIR');
  });
});
