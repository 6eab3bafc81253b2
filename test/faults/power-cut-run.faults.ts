/**
 * The power is cut in the middle of a whole run, which writes its folder and the results of stages: what lies there
 * afterwards is read without a complaint, and `--resume auto` ends with the bits of the run that nobody disturbed.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { latestCheckpoint, stateHash } from '@eddy/core/checkpoint';
import { readSettings } from '@eddy/core/config';
import { openDataset } from '@eddy/core/data';
import { randomStream } from '@eddy/core';
import { readJournal } from '@eddy/core/report';
import { sharedFolder } from '@eddy/core/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

// What reads these has no other public face.
import { Journal } from '../../packages/core/src/run/journal.ts';
import { openRunFolder } from '../../packages/core/src/run/run-folder.ts';
import { count } from '../counts.ts';
import { cutStates } from './power-cut/cuts.ts';
import { saidBefore, writeTree, type Recording } from './power-cut/disk.ts';
import { record, whyNoStrace } from './power-cut/record.ts';

const PIPELINE = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');
const CONFIG = join(import.meta.dirname, 'tiny.yml');
const STEPS = 40;
const RESUMES = count(1, 40);
/** Events between two points of cut. */
const STRIDE = count(50, 1);
const unexpected = (text: string) => expect.unreachable(text);

const folder = sharedFolder();
const noStrace = whyNoStrace();
beforeEach((context) => {
  if (noStrace !== undefined) context.skip(noStrace);
});

const root = () => join(folder.path, 'root');
const runFolder = () => join(root(), 'runs', 'a');
const env = () => ({ ...process.env, EDDY_CACHE: join(root(), 'cache') });
const command = (): [string, ...string[]] => [
  ...([process.execPath, PIPELINE, 'run', CONFIG] as const),
  ...['--run-dir', runFolder(), '--resume', 'auto', '--json'],
  ...[`train.epochs=${STEPS / 4}`, 'train.evalInterval=5', 'train.checkpoint.every=8'],
  ...['engine.devices=1', 'train.model.hiddenSize=16', 'loggers=[csv,report]'],
];

/** Engines and compiled programs are the user's, outside what is recorded. */
async function emptyRoot(): Promise<void> {
  rmSync(root(), { recursive: true, force: true });
  mkdirSync(join(root(), 'cache'), { recursive: true });
  const { cacheFolder } = await readSettings();
  for (const shared of ['engines', 'compiled']) {
    mkdirSync(join(cacheFolder, shared), { recursive: true });
    symlinkSync(join(cacheFolder, shared), join(root(), 'cache', shared));
  }
}

let recording: Recording;
let undisturbed: string;
beforeAll(async () => {
  if (noStrace !== undefined) return;
  await emptyRoot();
  recording = await record({ root: root(), command: command(), env: env() });
  undisturbed = await finalHash();
  expect(saidBefore(recording, Infinity)).toMatch(/"type":"checkpoint-saved".*"step":40/);
});

async function finalHash(): Promise<string> {
  const latest = await latestCheckpoint(join(runFolder(), 'checkpoints'), unexpected);
  expect(latest!.manifest.step).toBe(STEPS);
  return stateHash(latest!.state);
}

const everySoMany = function* (events: number): Generator<number> {
  for (let after = 0; after < events; after += STRIDE) yield after;
  yield events;
};

describe('a power cut in a whole run', () => {
  it('leaves a folder that is read without a complaint, and has what was told', async () => {
    const random = randomStream(2026).stream('faults', 'power-cut-run');
    let states = 0;
    for (const state of cutStates(recording, random, 1, everySoMany)) {
      await emptyRoot();
      rmSync(root(), { recursive: true });
      mkdirSync(root());
      writeTree(state.tree, root());
      await look(state.said).catch((error: unknown) => {
        if (error instanceof Error) error.message = `${state.describe}: ${error.message}`;
        throw error;
      });
      states++;
    }
    expect(states).toBeGreaterThan(20);
  });

  it(`ends with the same bits when it is resumed, ${RESUMES} times`, async () => {
    const random = randomStream(2026).stream('faults', 'power-cut-resume');
    const points = Array.from({ length: RESUMES }, (_, i) =>
      Math.floor((recording.events.length * (i + random.uniform())) / RESUMES),
    );
    for (const [index, point] of points.entries()) {
      const states = [...cutStates(recording, random, 2, () => [point])];
      const { tree, describe: where } = states[index % states.length]!;
      rmSync(root(), { recursive: true });
      mkdirSync(root());
      writeTree(tree, root());
      const [program, ...args] = command();
      await promisify(execFile)(program, args, { env: env() }).catch((error: unknown) => {
        if (error instanceof Error) error.message = `${where}: ${error.message}`;
        throw error;
      });
      expect(await finalHash(), where).toBe(undisturbed);
      const steps = readJournal(join(runFolder(), 'journal.jsonl')).flatMap((event) =>
        event.type === 'step-finished' ? [event.step] : [],
      );
      expect(steps, where).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
    }
  });
});

async function look(said: string): Promise<void> {
  const told = [...said.matchAll(/"type":"checkpoint-saved"[^\n]*?"step":(\d+)/g)];
  const reported = Number(told.at(-1)?.[1] ?? 0);
  for (const stage of ['build', 'augment']) {
    const stored = join(root(), 'cache', 'stages', stage);
    const keys = existsSync(stored) ? readdirSync(stored) : [];
    for (const key of keys.filter((name) => !name.startsWith('.'))) {
      const dataset = await openDataset(join(stored, key));
      for (const split of Object.keys(dataset.metadata.splits)) await dataset.open(split);
      await dataset.identifiers();
    }
  }
  // A folder without a manifest is no run: the command begins anew.
  if (!existsSync(join(runFolder(), 'manifest.json'))) return expect(reported).toBe(0);
  const run = await openRunFolder(runFolder());
  expect(readFileSync(run.configPath, 'utf8')).toContain('faults-tiny');
  const latest = await latestCheckpoint(run.checkpointsPath, unexpected);
  const step = latest?.manifest.step ?? 0;
  expect(step).toBeGreaterThanOrEqual(reported);
  const journal = new Journal(run.journalPath, { resumeSteps: new Map([['', step]]) });
  journal.close();
  expect(journal.gaps).toEqual([]);
  for (const name of readdirSyncOrNone(run.evaluationsPath)) {
    const metrics = join(run.evaluationsPath, name, 'metrics.json');
    if (existsSync(metrics)) JSON.parse(readFileSync(metrics, 'utf8'));
  }
}

function readdirSyncOrNone(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : [];
}
