/** Commands on two hosts (processes of this machine) that cannot work: what they say, and that all end. */
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { sharedFolder } from '@eddy/core/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { Talker } from './processes.ts';
import { startOnTwo, type TwoHosts } from './two-hosts.ts';

const CONFIG = join(import.meta.dirname, 'tiny.yml');
const FAILED = 1;
const UNUSABLE = 2;
const STOPPED = 75;

const root = sharedFolder();

let folder: string;
let run: string[];
beforeEach(() => {
  folder = mkdtempSync(join(root.path, 'case-'));
  run = ['run', CONFIG, '--run-dir', join(folder, 'run')];
});

const started: TwoHosts[] = [];
afterEach(() => {
  for (const hosts of started.splice(0)) hosts.end();
});

async function onTwo(...args: Parameters<typeof startOnTwo>): Promise<TwoHosts> {
  const hosts = await startOnTwo(...args);
  started.push(hosts);
  return hosts;
}

/** The four lines of an error, each a pattern. */
interface ExpectedError {
  readonly code: string;
  readonly at: RegExp;
  readonly expected: RegExp;
  readonly received: RegExp;
  readonly fix: RegExp;
}

async function expectEnd(host: Talker, exitCode: number, error?: ExpectedError): Promise<void> {
  const ended = await host.ended;
  const output = host.output();
  expect(ended, output.slice(-3000)).toBe(exitCode);
  if (error === undefined) return;
  const line = (name: string) => new RegExp(`^ {2}${name} +(.*)$`, 'm');
  const message = output.slice(output.indexOf(`${error.code}  `));
  for (const name of ['at', 'expected', 'received', 'fix'] as const) {
    expect(line(name).exec(message)?.[1], `${error.code}, ${name}:\n${output}`).toMatch(
      error[name],
    );
  }
}

it('a host that never comes is HOSTS_MISSING', async () => {
  // The second looks elsewhere.
  const hosts = await onTwo(run, [
    { EDDY_HOST_WAIT: '1' },
    { EDDY_HOST_WAIT: '1', EDDY_COORDINATOR: '127.0.0.1:1' },
  ]);
  await expectEnd(hosts.first, FAILED, {
    code: 'HOSTS_MISSING',
    at: new RegExp(`^${hosts.coordinator}$`),
    expected: /^2 hosts within 1 s$/,
    received: /^nothing of rank 1$/,
    fix: /`export EDDY_HOST_WAIT=\d+`; to run this host alone: `export EDDY_HOST_COUNT=1`/,
  });
  await expectEnd(hosts.second, FAILED, {
    code: 'HOST_LOST',
    at: /^host 0 \(127\.0\.0\.1:1\)$/,
    expected: /until the end of the run/,
    received: /^no answer for 1 s: .*ECONNREFUSED/,
    fix: /pipeline resume RUN/,
  });
  expect(await hosts.orphans()).toEqual([]);
});

it('a wait for hosts ends with the first signal', async () => {
  const hosts = await onTwo(run, [{}, { EDDY_COORDINATOR: '127.0.0.1:1', EDDY_HOST_WAIT: '1' }]);
  await hosts.first.until(/waiting at .* for rank 1/);
  hosts.first.child.kill('SIGINT');
  await expectEnd(hosts.first, STOPPED);
  await expectEnd(hosts.second, FAILED);
  expect(await hosts.orphans()).toEqual([]);
});

it('hosts whose engines are set differently are HOSTS_DIFFER', async () => {
  const flags = '--xla_cpu_enable_fast_math=true';
  const hosts = await onTwo(run, [{ XLA_FLAGS: '' }, { XLA_FLAGS: flags }]);
  await expectEnd(hosts.first, UNUSABLE, {
    code: 'HOSTS_DIFFER',
    at: /^host 1 \(.+\)$/,
    expected: /^as on host 0: XLA flags: (?!.*fast_math)/,
    received: new RegExp(`^XLA flags: .*${flags}$`),
    fix: /use equal hosts/,
  });
  await expectEnd(hosts.second, 0);
  expect(await hosts.orphans()).toEqual([]);
});

it('a port that is taken is COORDINATOR_UNUSABLE', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const taken = { EDDY_COORDINATOR: `127.0.0.1:${port}` };
  const hosts = await onTwo(run, [taken, taken]);
  await expectEnd(hosts.first, UNUSABLE, {
    code: 'COORDINATOR_UNUSABLE',
    at: new RegExp(`^127\\.0\\.0\\.1:${port}$`),
    expected: /^a free port of this host$/,
    received: /EADDRINUSE/,
    fix: /`export EDDY_COORDINATOR=HOST:PORT`$/,
  });
  await expectEnd(hosts.second, UNUSABLE, {
    code: 'HOST_REFUSED',
    at: new RegExp(`^127\\.0\\.0\\.1:${port}$`),
    expected: /the same token/,
    received: /^rank 0 sent nothing$/,
    fix: /EDDY_HOST_TOKEN/,
  });
  expect(await hosts.orphans()).toEqual([]);
  server.close();
});

it('a wrong token is turned away: HOST_REFUSED there, HOSTS_MISSING here', async () => {
  const hosts = await onTwo(run, [
    { EDDY_HOST_WAIT: '3', EDDY_HOST_TOKEN: 'ours' },
    { EDDY_HOST_TOKEN: 'of someone else' },
  ]);
  await expectEnd(hosts.second, UNUSABLE, {
    code: 'HOST_REFUSED',
    at: new RegExp(`^${hosts.coordinator}$`),
    expected: /the same token/,
    received: /^it has the wrong token$/,
    fix: /EDDY_HOST_TOKEN/,
  });
  await expectEnd(hosts.first, FAILED, {
    code: 'HOSTS_MISSING',
    at: new RegExp(`^${hosts.coordinator}$`),
    expected: /^2 hosts within 3 s$/,
    received: /^nothing of rank 1$/,
    fix: /start the other processes .* `export EDDY_HOST_WAIT=6`/,
  });
  expect(hosts.first.output()).toContain(
    'a process that wanted to join was refused: it has the wrong token',
  );
  expect(await hosts.orphans()).toEqual([]);
});

it('a token that others may read is HOST_TOKEN_UNUSABLE', async () => {
  const cache = join(folder, 'cache');
  mkdirSync(cache);
  writeFileSync(join(cache, 'host-token'), 'seen', { mode: 0o644 });
  const environment = { EDDY_CACHE: cache, EDDY_HOST_TOKEN: '', EDDY_HOST_WAIT: '1' };
  const hosts = await onTwo(run, [environment, environment]);
  await expectEnd(hosts.first, UNUSABLE, {
    code: 'HOST_TOKEN_UNUSABLE',
    at: /\/cache\/host-token$/,
    expected: /mode 600/,
    received: /^mode 644$/,
    fix: /^delete it, `rm .*host-token`/,
  });
  await expectEnd(hosts.second, FAILED);
  expect(await hosts.orphans()).toEqual([]);
});

it.each([
  ['a sweep', ['sweep', CONFIG, 'seed=1,2', '--sweep-dir']],
  ['engine tensorflow', ['run', CONFIG, 'engine=tensorflow', '--run-dir']],
  ['engine cpu', ['run', CONFIG, 'engine=cpu', '--run-dir']],
])('%s is HOSTS_UNSUPPORTED', async (what, args) => {
  const result = join(folder, 'result');
  const hosts = await onTwo([...args, result]);
  await expectEnd(hosts.first, UNUSABLE, {
    code: 'HOSTS_UNSUPPORTED',
    at: /^the launcher \(Slurm, MPI, EDDY_HOST_COUNT\)$/,
    expected: /^one process, or `pipeline run` with engine xla-cpu or xla-cuda$/,
    received: /^one of several processes$/,
    fix: /`export EDDY_HOST_COUNT=1`$/,
  });
  expect(hosts.first.output()).toContain(`${what} does not work over several hosts`);
  await expectEnd(hosts.second, 0);
  expect(await hosts.orphans()).toEqual([]);
  if (what === 'a sweep') expect(existsSync(result)).toBe(false);
});

it.each([
  ['a wrong pipeline', ['train.epochs=none'], 'CONFIG_INVALID'],
  ['no pipeline at all', [], 'PIPELINE_NOT_FOUND'],
])('%s ends on all hosts', async (what, overrides, code) => {
  const file = what === 'a wrong pipeline' ? CONFIG : join(folder, 'nowhere.yml');
  const hosts = await onTwo(['run', file, ...overrides]);
  await expectEnd(hosts.first, UNUSABLE);
  expect(hosts.first.output()).toContain(code);
  await expectEnd(hosts.second, 0);
  expect(await hosts.orphans()).toEqual([]);
});

it('a command that needs no other host lets them go', async () => {
  const hosts = await onTwo(['--help']);
  await expectEnd(hosts.first, 0);
  await expectEnd(hosts.second, 0);
});
