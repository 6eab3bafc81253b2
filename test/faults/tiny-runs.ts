/** Short runs of `tiny.yml` whose surroundings fail at a chosen moment. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { latestCheckpoint } from '@eddy/core/checkpoint';
import { readJournal } from '@eddy/core/report';
import { sharedFolder } from '@eddy/core/testing';
import { beforeAll, expect } from 'vitest';

import { ownCache } from './own-cache.ts';

export const PIPELINE = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');
const CONFIG = join(import.meta.dirname, 'tiny.yml');
export const STEPS = 40;

/** A moment of a run: what its journal says then. */
export const MOMENTS = {
  start: /"type":"run-started"/,
  training: /"type":"step-finished","step":7,/,
  evaluation: /"type":"evaluation-started"/,
  saving: /"type":"checkpoint-saved"/,
  end: /"type":"run-finished"/,
} as const;
export const moments = Object.entries(MOMENTS);

export interface Running {
  readonly child: ChildProcess;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  output(): string;
  errors(): string;
}

/** Makes a folder for the runs of a file of tests; engines and compiled programs are the user's. */
export function tinyRuns() {
  const folder = sharedFolder();
  beforeAll(() => ownCache(folder.path));
  const at = (name: string) => join(folder.path, name);
  const journalOf = (run: string) => readJournal(join(at(run), 'journal.jsonl'));
  const argsOf = (run: string, overrides: readonly string[] = []) => [
    ...[PIPELINE, 'run', CONFIG, '--run-dir', at(run)],
    ...[`train.epochs=${STEPS / 4}`, 'train.evalInterval=5', 'train.checkpoint.every=8'],
    ...overrides,
  ];
  const env = () => ({ ...process.env, EDDY_CACHE: at('cache') });
  return {
    at,
    argsOf,
    env,
    journalOf,
    /** Starts through a shell, which can redirect and ignore signals: `RUN` in the command is the run. */
    shell(command: string, run: string, overrides?: readonly string[]): Running {
      const words = [process.execPath, ...argsOf(run, overrides)].map((word) => `'${word}'`);
      const whole = command.replace('RUN', words.join(' '));
      return running(spawn('sh', ['-c', whole], { env: env(), detached: true }));
    },
    /** Goes on with a run to its end. */
    async resume(run: string): Promise<void> {
      const { ended, errors } = running(
        spawn(process.execPath, [PIPELINE, 'resume', at(run)], { env: env() }),
      );
      expect(await ended, errors()).toBe(0);
    },
    async reaches(run: string, moment: RegExp, ended: Promise<unknown>): Promise<void> {
      const path = join(at(run), 'journal.jsonl');
      for (let over = false; !over;) {
        if (existsSync(path) && moment.test(readFileSync(path, 'utf8'))) return;
        over = await Promise.race([ended.then(() => true), delay(5, false)]);
      }
    },
    /** Every step once, and the end. */
    expectDone(run: string): void {
      const journal = journalOf(run);
      const steps = journal.flatMap((event) =>
        event.type === 'step-finished' ? [event.step] : [],
      );
      expect(steps).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
      const end = journal.findLast((event) => event.type === 'run-finished');
      expect(end).toMatchObject({ status: 'done' });
    },
    warningsOf: (run: string) =>
      journalOf(run).flatMap((event) =>
        event.type === 'message' && event.level === 'warning' ? [event.text] : [],
      ),
    /** It was stopped, and what was done is in a checkpoint. */
    async expectSaved(run: string): Promise<void> {
      const journal = journalOf(run);
      const reached = journal.findLast((event) => event.type === 'step-finished')?.step ?? 0;
      const latest = await latestCheckpoint(join(at(run), 'checkpoints'), expect.unreachable);
      expect(latest?.manifest.step ?? 0).toBe(reached);
      expect(journal.at(-1)).toMatchObject({ type: 'run-finished', status: 'stopped' });
    },
  };
}

export function running(child: ChildProcess): Running {
  let [output, errors] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<number | NodeJS.Signals | null>((resolveEnd) =>
    child.once('close', (code, signal) => resolveEnd(code ?? signal)),
  );
  return { child, ended, output: () => output, errors: () => errors };
}
