/** A run that reuses a training and is cut off goes on without losing an evaluation. */
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

import { listCheckpoints } from '../checkpoint/checkpoint.ts';
import type { Engine } from '../contracts/engine.ts';
import { FileArtifactStore } from '../pipeline/artifact-store.ts';
import { Journal, readJournal } from '../run/journal.ts';
import { createRunFolder } from '../run/run-folder.ts';
import { eagerEngine } from '../testing/eager-engine.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import { runStages, type ToyPipeline } from '../testing/toy-stages.ts';

const folder = freshFolder();
const at = (...names: string[]) => join(folder.path, ...names);
const journalOf = (run: string) => at('runs', run, 'journal.jsonl');

beforeAll(() => setBackend('cpu'));

const newRun = (name: string) =>
  createRunFolder({
    root: folder.path,
    path: at('runs', name),
    name,
    configText: '',
    configHash: '',
    versions: {},
  });

/** One session of a run: what a run with a journal and a cache does. */
async function session(name: string, settings: Omit<ToyPipeline, 'runFolder'> = {}) {
  const last = (await listCheckpoints(at('runs', name, 'checkpoints'))).at(-1)?.step;
  const journal = new Journal(
    journalOf(name),
    last === undefined ? {} : { resumeSteps: new Map([['', last]]) },
  );
  const train = { evalInterval: 1, checkpoint: { keep: 9, keepEvaluated: true } };
  try {
    return await runStages({
      runFolder: at('runs', name),
      artifacts: new FileArtifactStore({
        root: at('artifacts'),
        isForced: () => false,
        inputsOf: () => undefined,
        onReuse: () => undefined,
      }),
      record: (event) => journal.append(event),
      ...settings,
      train: { ...train, ...settings.train },
    });
  } finally {
    journal.close();
  }
}

/** An engine that fails in the call of that number of the program that evaluates. */
function failingAt(call: number): () => Engine {
  return () => {
    const living = eagerEngine();
    let calls = 0;
    return {
      ...living,
      compile: async (program) => {
        const executable = await living.compile(program);
        if (program.name !== 'evaluate-step') return executable;
        return {
          name: executable.name,
          outputs: executable.outputs,
          stats: executable.stats,
          dispose: () => executable.dispose(),
          run: (...inputs) => {
            calls += 1;
            if (calls === call) return Promise.reject(new Error('cut off'));
            return executable.run(...inputs);
          },
        };
      },
    };
  };
}

const evaluated = (run: string) =>
  readJournal(journalOf(run))
    .flatMap((event) => (event.type === 'evaluation-finished' ? [event.step] : []))
    .sort((a, b) => a - b);
const stepsOf = (run: string) =>
  readJournal(journalOf(run)).flatMap((event) =>
    event.type === 'step-finished' ? [event.step] : [],
  );
const monitoredIn = (run: string) =>
  readJournal(journalOf(run)).flatMap((event) =>
    event.type === 'monitor-updated' ? [[event.step, event.value]] : [],
  );

const all = [2, 4, 6, 8, 10, 12];
const steps = Array.from({ length: 12 }, (_, i) => i + 1);
/** A run that has no evaluations, so that none can be taken over. */
async function firstRun(train = {}): Promise<void> {
  await newRun('first');
  await session('first', { train });
  expect(evaluated('first')).toEqual(all);
  await rm(at('runs', 'first', 'evaluations'), { recursive: true });
}

it.each([
  ['in its first evaluation', 1, 0],
  ['in its fourth', 22, 3],
])('evaluates every checkpoint once when cut off %s', async (_when, call, done) => {
  const monitor = { metric: 'accuracy', split: 'test', mode: 'max' };
  for (const train of [{}, { monitor }]) {
    await rm(folder.path, { recursive: true });
    await firstRun(train);
    await newRun('second');
    const cutOff = session('second', { train, engine: failingAt(call) });
    await expect(cutOff).rejects.toThrow('cut off');
    expect(evaluated('second')).toEqual(all.slice(0, done));
    await session('second', { train });
    expect(evaluated('second')).toEqual(all);
    expect(stepsOf('second')).toEqual(steps);
    expect(monitoredIn('second')).toEqual(monitoredIn('first'));
  }
});

it('goes on with what it has copied where the other run is gone, and copies what is missing where not', async () => {
  await firstRun();
  await newRun('second');
  await expect(session('second', { engine: failingAt(1) })).rejects.toThrow('cut off');
  const [earliest] = await listCheckpoints(at('runs', 'second', 'checkpoints'));
  await rm(earliest!.path, { recursive: true });
  await expect(session('second', { engine: failingAt(10) })).rejects.toThrow('cut off');
  expect(await listCheckpoints(at('runs', 'second', 'checkpoints'))).toHaveLength(all.length);
  await rm(at('runs', 'first'), { recursive: true });
  await session('second');
  expect(evaluated('second')).toEqual(all);
  expect(stepsOf('second')).toEqual(steps);
});

it('does not evaluate again what is finished', async () => {
  await newRun('first');
  await newRun('second');
  await session('first');
  await session('second');
  const { events } = await session('second');
  expect(events.filter(({ type }) => type === 'evaluation-started')).toEqual([]);
  expect(evaluated('second')).toEqual(all);
});
