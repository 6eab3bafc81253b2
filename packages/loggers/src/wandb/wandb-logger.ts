/**
 * A W&B run: written offline as `wandb-offline` does, then uploaded by the user's own `wandb sync`, if it is
 * installed and logged in. Nothing ever asks for a key, and no failure loses data: the files stay.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

import type { Logger } from '@eddy/core';

import { createWandbOfflineLogger } from '../wandb-offline/wandb-offline-logger.ts';

export interface WandbUploadOptions {
  readonly project: string;
  readonly mode: 'auto' | 'online' | 'offline';
  readonly timeoutSeconds: number;
}

interface WandbServices {
  readonly runFolder: string;
  readonly offline: boolean;
  readonly notify: (level: 'info' | 'warning', text: string) => void;
}

export function createWandbLogger(
  options: WandbUploadOptions,
  services: WandbServices,
  env: NodeJS.ProcessEnv = process.env,
): Logger {
  const files = createWandbOfflineLogger(options, services.runFolder);
  return {
    attach: async (events$) => {
      await files.attach(events$);
      if (options.mode !== 'offline') await upload(options, services, env);
    },
  };
}

async function upload(
  { mode, timeoutSeconds }: WandbUploadOptions,
  { runFolder, offline, notify }: WandbServices,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const root = join(runFolder, 'wandb');
  const runs = existsSync(root)
    ? readdirSync(root).filter((f) => f.startsWith('offline-run-'))
    : [];
  if (runs.length === 0) return;
  const folder = join(root, runs.sort().at(-1)!);
  const level = mode === 'online' ? 'warning' : 'info';
  const stay = (reason: string) =>
    notify(level, `W&B: ${reason}; the run is kept offline: wandb sync ${folder}`);
  if (offline || /^(offline|disabled|dryrun)$/.test(env['WANDB_MODE'] ?? '')) {
    return stay('offline mode');
  }
  const command = findCommand('wandb', env);
  if (command === undefined) return stay('the command `wandb` is not on the PATH');
  if (!isLoggedIn(env)) return stay('not logged in (`wandb login`, or WANDB_API_KEY)');
  const failure = await sync(command, folder, timeoutSeconds, env);
  if (failure === null) notify('info', `W&B: uploaded ${folder}`);
  else notify('warning', `W&B: ${failure}; the run is kept offline: wandb sync ${folder}`);
}

/** null when it worked; otherwise what it said last. */
function sync(
  command: string,
  folder: string,
  timeoutSeconds: number,
  env: NodeJS.ProcessEnv,
): Promise<string | null> {
  return new Promise((resolve) => {
    // Without a standard input there is nobody to ask.
    const child = spawn(command, ['sync', folder], {
      env: { ...env, WANDB_MODE: 'online' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutSeconds * 1000,
      // A group of its own: a terminal that hangs up, or Ctrl-C in it, is for us alone to answer.
      detached: true,
    });
    const endIt = () => endGroup(child);
    process.once('exit', endIt);
    child.once('exit', () => process.off('exit', endIt));
    let said = '';
    const take = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000));
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => resolve(error.message));
    // What it started itself may live on and hold its output open: then there is no `close`.
    child.on('exit', (_code, signal) => {
      if (signal === null) return;
      child.stdout.destroy();
      child.stderr.destroy();
    });
    child.on('close', (code, signal) => {
      const last = said.trim().split('\n').at(-1) ?? '';
      if (code === 0) resolve(null);
      else if (signal !== null) resolve(`the upload did not finish within ${timeoutSeconds} s`);
      else resolve(`\`wandb sync\` ended with ${code}: ${last}`);
    });
  });
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function findCommand(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** A key in the environment, or an entry of the W&B host in the user's netrc, as `wandb login` makes it. */
function isLoggedIn(env: NodeJS.ProcessEnv): boolean {
  if ((env['WANDB_API_KEY'] ?? '') !== '') return true;
  const base = env['WANDB_BASE_URL'] ?? 'https://api.wandb.ai';
  const host = URL.canParse(base) ? new URL(base).hostname : base;
  const home = env['HOME'] ?? homedir();
  const files = [env['NETRC'], join(home, '.netrc'), join(home, '_netrc')];
  return files.some((file) => {
    if (file === undefined || !existsSync(file)) return false;
    const words = readFileSync(file, 'utf8').split(/\s+/);
    return words.some((word, i) => word === 'machine' && words[i + 1] === host);
  });
}
