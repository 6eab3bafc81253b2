/** Models for the page Try: made in a process of its own, kept while the server runs. */
import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { EddyError } from '@eddy/core';

import type { PackReply } from './pack-process.ts';

const PROGRAM = fileURLToPath(new URL('./pack-process.js', import.meta.url));
/** Models that are kept. */
const MAX_KEPT = 4;

/** Makes files of models, one at a time for each checkpoint. */
export class WebModelFiles {
  /** By run and newest checkpoint, the one asked for last at the end. */
  readonly #files = new Map<string, Promise<string>>();
  #folder: string | undefined;
  #count = 0;

  /** Returns the file of a run's newest checkpoint. @throws EddyError */
  async of(runFolder: string): Promise<string> {
    const key = `${runFolder}:${checkpointsOf(runFolder)}`;
    const file = this.#files.get(key) ?? this.#make(runFolder);
    this.#files.delete(key);
    this.#files.set(key, file);
    file.catch(() => this.#files.delete(key));
    for (const [old, made] of this.#files) {
      if (this.#files.size <= MAX_KEPT) break;
      this.#files.delete(old);
      void made.then((path) => rmSync(path, { force: true })).catch(() => undefined);
    }
    return file;
  }

  /** Removes all files. */
  close(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #make(runFolder: string): Promise<string> {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'eddy-ui-'));
    const output = join(this.#folder, `${this.#count++}.bin`);
    return new Promise((resolve, reject) => {
      const child = fork(PROGRAM, [runFolder, output], {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      let reply: PackReply | undefined;
      child.on('message', (message) => (reply = message as PackReply));
      child.on('error', reject);
      child.on('exit', () => {
        if (reply?.type === 'written') resolve(output);
        else if (reply?.type === 'problem') reject(new EddyError(reply.facts));
        else reject(new Error(reply?.message ?? 'the process that packs the model ended'));
      });
    });
  }
}

/** Names of the checkpoints, so that a new one is noticed. */
function checkpointsOf(runFolder: string): string {
  try {
    return readdirSync(join(runFolder, 'checkpoints')).sort().join();
  } catch {
    return '';
  }
}
