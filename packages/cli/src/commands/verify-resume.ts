/** Kills and resumes a short run, and compares its bits with those of one that nobody disturbed. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { latestCheckpoint, listTrainings } from '@eddy/core/checkpoint';
import { fromJson, readJournal, toJson } from '@eddy/core/report';

import { EXIT } from '../process/exit-codes.ts';
import { findPipeline } from '../project/find-pipeline.ts';
import { loadPipeline, type CommonOptions } from '../project/load.ts';
import { resumeUnverifiable, usageInvalid } from './errors.ts';

const PIPELINE = fileURLToPath(new URL('../../bin/pipeline.js', import.meta.url));

interface VerifyOptions extends CommonOptions {
  readonly steps: number;
  readonly kills: number;
}

/** Exit code 0 where every bit agrees, 1 where one does not. */
export async function verifyResumeCommand(
  name: string,
  overrides: readonly string[],
  { steps, kills, ...options }: VerifyOptions,
): Promise<number> {
  if (kills >= steps) {
    throw usageInvalid('--kills', 'leaves no step between two kills', 'raise --steps, or lower it');
  }
  const { parts } = await loadPipeline(name, overrides, options);
  const trainings = parts.flatMap(({ kind, path }) =>
    kind === 'optimizer' && path.length === 2 ? [String(path[0])] : [],
  );
  const last = trainings.at(-1);
  if (last === undefined) {
    const fix = 'name a pipeline file with a stage train';
    throw usageInvalid('the pipeline', 'has no training stage, so there is nothing to resume', fix);
  }
  const short = trainings.flatMap((training) => [
    `++${training}.maxSteps=${steps}`,
    `++${training}.checkpoint.every=1`,
    `++${training}.logInterval=1`,
  ]);
  const offline = options.offline === true ? ['--offline'] : [];
  const first = ['run', findPipeline(name), ...overrides, ...short, 'loggers=[]', '--until', last];
  const folder = await mkdtemp(join(tmpdir(), 'eddy-verify-resume-'));
  const say = (text: string) => process.stdout.write(`${text}\n`);
  try {
    const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')];
    say(`${steps} steps without interruption`);
    await runToEnd([...first, '--run-dir', whole, ...offline]);
    for (let kill = 1; kill <= kills; kill++) {
      const at = Math.floor((kill * steps) / (kills + 1));
      const command = kill === 1 ? [...first, '--run-dir', killed] : ['resume', killed];
      await runAndKill([...command, ...offline], at);
      say(`killed after step ${at}`);
    }
    await runToEnd(['resume', killed, ...offline]);
    const differences = await differencesOf(whole, killed);
    for (const text of differences) say(`differs  ${text}`);
    say(
      differences.length === 0
        ? `every bit agrees after ${kills} kills: a resumed run of this pipeline equals an uninterrupted one`
        : `the resumed run differs from the uninterrupted one, on this machine and engine`,
    );
    return differences.length === 0 ? EXIT.done : EXIT.failed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a command to its end. @throws RESUME_UNVERIFIABLE with what it said */
async function runToEnd(command: readonly string[]): Promise<void> {
  const { code, said } = await runUntil(command, () => false);
  if (code !== EXIT.done) throw resumeUnverifiable(command, said);
}

/** Kills a command, with the processes that it started, when it has done a step. @throws RESUME_UNVERIFIABLE */
async function runAndKill(command: readonly string[], step: number): Promise<void> {
  const { code, said } = await runUntil(command, (done) => done >= step);
  if (code !== null) throw resumeUnverifiable(command, said);
}

function runUntil(
  command: readonly string[],
  isEnough: (step: number) => boolean,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [PIPELINE, ...command, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // The run that nobody disturbed has finished the training that the killed one is to do by itself.
    env: { ...process.env, EDDY_REUSE_TRAINING: '0' },
    // A group of its own, which a kill takes as a whole.
    detached: true,
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = fromJson(line) as { readonly type?: string; readonly step?: number };
    if (event.type !== 'step-finished' || !isEnough(event.step ?? 0)) return;
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said }));
  });
}

/** Lists the differences: states are compared by hash, steps by their metrics. */
async function differencesOf(whole: string, killed: string): Promise<string[]> {
  const [a, b] = [await resultOf(whole), await resultOf(killed)];
  const found: string[] = [];
  for (const [what, expected] of a) {
    const received = b.get(what);
    if (received !== expected) found.push(`${what}: ${expected}, resumed ${received ?? 'missing'}`);
  }
  for (const what of b.keys()) if (!a.has(what)) found.push(`${what}: only in the resumed run`);
  return found;
}

async function resultOf(run: string): Promise<Map<string, string>> {
  const result = new Map<string, string>();
  for (const event of readJournal(join(run, 'journal.jsonl'))) {
    if (event.type !== 'step-finished') continue;
    const stage = 'stage' in event && event.stage !== undefined ? `${event.stage} ` : '';
    result.set(`metrics of ${stage}step ${event.step}`, toJson(event.metrics));
  }
  const ignore = () => undefined;
  for (const { path, name = '' } of await listTrainings(join(run, 'checkpoints'), ignore)) {
    const { manifest } = (await latestCheckpoint(path, ignore))!;
    const what = ['state', name, `after step ${manifest.step}`].filter(Boolean).join(' ');
    result.set(what, manifest.stateHash);
  }
  return result;
}
