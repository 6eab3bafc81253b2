/** Runs it where people do: accounts without a home, proxies, trackers, terminals that go away. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { isLong } from '../counts.ts';
import { tiny } from '../fixes/tiny.ts';
import { here } from './here.ts';

const held = here();

describe('a tracker', () => {
  it.each([
    'file:///tmp/mlruns',
    './mlruns',
    'sqlite:///mlflow.db',
    'databricks',
    'localhost:5999',
    'postgresql://u:p@db/x',
    ''.padStart(3),
  ])(
    'of the environment that is "%s" is refused before the training, as in the file',
    async (address) => {
      await held.place.write('p.yml', tiny({ loggers: 'loggers: [{ use: mlflow }]' }));
      const { exitCode, output } = await held.place.pipeline(['run', 'p.yml', '--run-dir', 'r'], {
        MLFLOW_TRACKING_URI: address,
      });
      expect(exitCode, output).toBe(2);
      expect(output).toContain('loggers[0]');
      expect(held.place.has('r/journal.jsonl')).toBe(false);
    },
  );

  it.each(['a/b', 'what?', 'mine#1', '50%', String.raw`a\b`, 'a:b'])(
    'of W&B has no project "%s"',
    async (project) => {
      await held.place.write('p.yml', tiny({ loggers: `loggers: [{ use: wandb-offline, project: '${project}' }]` })); // prettier-ignore
      const { exitCode, output } = await held.place.pipeline(['validate', 'p.yml']);
      expect(exitCode, output).toBe(2);
      expect(output).toContain('project');
    },
  );
});

describe('the hub', () => {
  const DATA = tiny({ dataset: '  dataset: { use: sudoku, source: { hub: { repo: nobody/nothing } } }' }); // prettier-ignore

  it.each([
    ['a mirror', (url: string) => ({ HF_ENDPOINT: url })],
    ['a proxy', (url: string) => ({ HTTPS_PROXY: url, https_proxy: url })],
  ])(
    'is asked through %s of the environment',
    async (_what, environment) => {
      const asked: string[] = [];
      const server = createServer((request, response) => {
        asked.push(request.url ?? '');
        response.writeHead(404).end();
      });
      server.on('connect', (request, socket) => {
        asked.push(request.url ?? '');
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      });
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      try {
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        await held.place.write('p.yml', DATA);
        const { exitCode, output } = await held.place.pipeline(
          ['run', 'p.yml', '--until', 'build'],
          {
            EDDY_OFFLINE: undefined,
            ...environment(url),
          },
        );
        expect(exitCode, output).not.toBe(0);
        expect(output).toContain('DOWNLOAD_FAILED');
        expect(output).toContain(url);
        expect(asked.length).toBeGreaterThan(0);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    },
    120_000,
  );
});

describe('a home', () => {
  it.each([
    ['that is a file', 'home'],
    ['below a file', 'home/deeper'],
  ])('%s is said, with the variable that helps', async (_what, home) => {
    await held.place.write('home', '');
    await held.place.write('p.yml', tiny());
    const { exitCode, output } = await held.place.pipeline(['run', 'p.yml', '--run-dir', 'r'], {
      HOME: held.place.at(home),
      EDDY_CACHE: undefined,
      XDG_CACHE_HOME: undefined,
    });
    expect(exitCode, output).toBe(2);
    expect(output).toContain('EDDY_CACHE');
  });
});

describe('a terminal that goes away under a run', () => {
  const bin = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');
  const trains = (epochs: number) =>
    tiny({ epochs: `  epochs: ${epochs}`, interval: `  evalInterval: ${epochs}`, loggers: 'loggers: [console]' }); // prettier-ignore
  /** Each takes seconds of its own process; `test/faults/side-channels.faults.ts` tries every moment. */
  const CASES = [
    ['a full disk of the log', 'exec RUN > /dev/full', undefined, 0],
    ['a hang-up', 'exec RUN > log 2>&1', 'SIGHUP', 75],
    ['a hang-up under nohup', "trap '' HUP; exec RUN > log 2>&1", 'SIGHUP', 0],
    ['a pipe that nobody reads', 'RUN | head -1 > log; exit ${PIPESTATUS[0]}', undefined, 0],
    ['closed streams', 'exec RUN <&- >&- 2>&-', undefined, 0],
  ] as const;

  it.each(isLong ? CASES : CASES.slice(0, 2))('by %s', async (_what, script, signal, code) => {
    await held.place.write('p.yml', trains(signal === undefined ? 10 : 150));
    const command = `'${process.execPath}' '${bin}' run p.yml --run-dir r`;
    const env = { ...process.env, EDDY_CACHE: held.place.at('cache'), NO_COLOR: '1' };
    const options = { cwd: held.place.folder, env, stdio: 'ignore' } as const;
    const child = spawn('bash', ['-c', script.replace('RUN', command)], options);
    const ended = new Promise((end) => child.on('exit', end));
    const trained = async () => held.place.has('r/journal.jsonl') && (await held.place.read('r/journal.jsonl')).includes('step-finished'); // prettier-ignore
    if (signal !== undefined) {
      while (!(await trained()) && child.exitCode === null) await delay(50);
      child.kill(signal);
    }
    expect(await ended).toBe(code);
    const events = (await held.place.read('r/journal.jsonl')).trim().split('\n');
    const last = events.findLast((line) => line.includes('"run-finished"'));
    expect(JSON.parse(last ?? '{}')).toMatchObject({ status: code === 0 ? 'done' : 'stopped' });
  });
});
