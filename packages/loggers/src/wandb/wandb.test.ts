/** The upload, with a stand-in for the `wandb` command; no test speaks to a server of W&B. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { exampleRun, freshFolder } from '@eddy/core/testing';
import { from } from 'rxjs';
import { expect, it } from 'vitest';

import { createWandbLogger, type WandbUploadOptions } from './wandb-logger.ts';

const folder = freshFolder();

/** Notes how it was called. */
function wandbCommand(script: string): void {
  const path = join(folder.path, 'wandb-command');
  writeFileSync(path, `#!/bin/sh\necho "$@" >> '${folder.path}/calls'\n${script}\n`);
  chmodSync(path, 0o755);
}

async function record(
  options: Partial<WandbUploadOptions>,
  env: NodeJS.ProcessEnv,
  offline = false,
): Promise<string[]> {
  const said: string[] = [];
  const logger = createWandbLogger(
    { project: 'p', mode: 'auto', timeoutSeconds: 20, ...options },
    { runFolder: folder.path, offline, notify: (level, text) => said.push(`${level}: ${text}`) },
    { HOME: folder.path, ...env },
  );
  await logger.attach(from(exampleRun(folder.path)));
  return said;
}

const calls = () =>
  existsSync(join(folder.path, 'calls')) ? readFileSync(join(folder.path, 'calls'), 'utf8') : '';

/** A PATH on which `wandb` is the script. */
function path(script: string): string {
  wandbCommand(script);
  const bin = join(folder.path, 'wandb-bin');
  rmSync(bin, { recursive: true, force: true });
  mkdirWith(bin);
  return `${bin}:/usr/bin:/bin`;
}

function mkdirWith(bin: string): void {
  mkdirSync(bin);
  symlinkSync(join(dirname(bin), 'wandb-command'), join(bin, 'wandb'));
}

it('uploads by the user’s own command, with a key in the environment', async () => {
  const said = await record({}, { PATH: path('exit 0'), WANDB_API_KEY: 'k' });
  expect(said).toEqual([expect.stringMatching(/^info: W&B: uploaded .*offline-run-/)]);
  expect(calls()).toMatch(/^sync .*\/wandb\/offline-run-\S+\n$/);
});

it('uploads with a key in the netrc', async () => {
  writeFileSync(join(folder.path, '.netrc'), 'machine api.wandb.ai\n  login user\n  password k\n');
  await record({}, { PATH: path('exit 0') });
  expect(calls()).toMatch(/^sync /);
});

it.each([
  ['auto', 'info'],
  ['online', 'warning'],
] as const)('without a login, %s gives an %s with the command', async (mode, level) => {
  const said = await record({ mode }, { PATH: path('exit 0') });
  expect(said).toEqual([expect.stringMatching(`^${level}: W&B: not logged in .*wandb sync /`)]);
  expect(calls()).toBe('');
});

it.each([
  [{ PATH: '/nowhere', WANDB_API_KEY: 'k' }, false, 'the command `wandb` is not on the PATH'],
  [{ PATH: '/nowhere', WANDB_API_KEY: 'k' }, true, 'offline mode'],
  [{ PATH: '/nowhere', WANDB_API_KEY: 'k', WANDB_MODE: 'offline' }, false, 'offline mode'],
])('stays offline: %j %s', async (env, offline, words) => {
  expect(await record({}, env, offline)).toEqual([expect.stringContaining(words)]);
});

it('says nothing and calls nothing in mode offline', async () => {
  expect(await record({ mode: 'offline' }, { PATH: path('exit 0'), WANDB_API_KEY: 'k' })).toEqual(
    [],
  );
  expect(calls()).toBe('');
});

it('warns once when the upload fails or hangs', async () => {
  const env = { PATH: path('echo "no such project" >&2; exit 3'), WANDB_API_KEY: 'k' };
  expect(await record({}, env)).toEqual([
    expect.stringMatching(/^warning: W&B: `wandb sync` ended with 3: no such project; .* kept/),
  ]);
  const slow = { PATH: path('exec sleep 60'), WANDB_API_KEY: 'k' };
  const [text] = await record({ timeoutSeconds: 1 }, slow);
  expect(text).toMatch(/the upload did not finish within 1 s/);
});

it('does not wait for what a command that hangs has started', async () => {
  const env = { PATH: path('sleep 20 & sleep 20'), WANDB_API_KEY: 'k' };
  const startMs = performance.now();
  const [text] = await record({ timeoutSeconds: 1 }, env);
  expect(text).toMatch(/the upload did not finish within 1 s/);
  expect(performance.now() - startMs).toBeLessThan(10_000);
});

it('gives the command no standard input to ask on', async () => {
  const env = { PATH: path('if read answer; then exit 1; else exit 0; fi'), WANDB_API_KEY: 'k' };
  expect(await record({}, env)).toEqual([expect.stringContaining('uploaded')]);
});
