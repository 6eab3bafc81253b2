import { appendFile, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { checkpointPath, listCheckpoints, saveCheckpoint } from '../checkpoint/checkpoint.ts';
import type { RunEvent } from '../contracts/events.ts';
import { createEventBus } from '../run/event-bus.ts';
import { createRunFolder } from '../run/run-folder.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import {
  findTraining,
  referenceTo,
  takeOver,
  usableTraining,
  withRun,
  writeReference,
} from './reused-training.ts';

const folder = freshFolder();
const stop = { requested: false, signal: new AbortController().signal };
const at = (...names: string[]) => join(folder.path, ...names);

async function newRun(name: string): Promise<string> {
  const { path } = await createRunFolder({
    root: folder.path,
    path: at('runs', name),
    name,
    configText: '',
    configHash: '',
    versions: {},
  });
  return path;
}

const save = (run: string, step: number, key: string, weight = step) =>
  saveCheckpoint(
    join(run, 'checkpoints'),
    {
      step,
      epoch: 1,
      state: { 'parameters/a': { dtype: 'float32', shape: [1], data: new Float32Array([weight]) } },
      metadata: { key, endsIteration: true },
    },
    { keepLast: 9 },
  );

const step = (number: number): object => ({
  type: 'step-finished',
  stage: 'train',
  timeMs: number,
  step: number,
  totalSteps: 4,
  epoch: 1,
  metrics: { lm_loss: 1 / number },
  stepMs: 2,
});
const evaluated = (number: number): object => ({
  type: 'evaluation-finished',
  timeMs: number,
  step: number,
  split: 'test',
  examples: 1,
  metrics: {},
  durationMs: 1,
  folder: '',
});

/** A run with a finished training under `key`, of which the checkpoints of steps 2 and 4 are left. */
async function finishedRun(key = 'k') {
  const run = await newRun('first');
  await save(run, 2, key);
  await save(run, 4, key);
  const events = [step(1), evaluated(1), step(2), evaluated(2), step(3), step(4), evaluated(4)];
  await writeFile(
    join(run, 'journal.jsonl'),
    events.map((event) => `${JSON.stringify(event)}\n`).join(''),
  );
  const made = { stage: 'train', key: 'k', folder: join(run, 'checkpoints'), runFolder: run };
  return { run, reference: await referenceTo(made, undefined) };
}

async function entryOf(reference: NonNullable<Awaited<ReturnType<typeof referenceTo>>>) {
  await rm(at('entry'), { recursive: true, force: true });
  await mkdir(at('entry'), { recursive: true });
  await writeReference(at('entry'), reference);
  return at('entry');
}

it('refers only to a training whose last checkpoint has its key', async () => {
  const { reference } = await finishedRun('another');
  expect(reference).toBe(undefined);
});

it('takes over the checkpoints that are left and the events of the steps', async () => {
  const { run, reference } = await finishedRun();
  const found = await findTraining(await entryOf(reference!), at('runs'));
  if (typeof found === 'string') throw new Error(found);
  expect(found.run).toBe(run);
  const second = await newRun('second');
  const bus = createEventBus();
  const events: RunEvent[] = [];
  bus.events$.subscribe((event) => events.push(event));
  const to = { folder: join(second, 'checkpoints'), runFolder: second };
  const reused = await takeOver(found, to, { bus, stop });
  expect(reused).toEqual({
    run,
    stepsWithoutCheckpoint: [1],
    monitor: undefined,
    toldEvaluations: new Set(),
  });
  for (const number of [2, 4]) {
    const [own, theirs] = [second, run].map((one) =>
      join(checkpointPath(join(one, 'checkpoints'), number), 'state.safetensors'),
    );
    expect(await readFile(own!)).toEqual(await readFile(theirs!));
  }
  const steps = events.filter((event) => event.type === 'step-finished');
  expect(steps.map((event) => [event.step, event.metrics['lm_loss'], event.isReused])).toEqual(
    [1, 2, 3, 4].map((number) => [number, 1 / number, true]),
  );
});

it('leaves what others put beside it: checkpoints and steps of another training, or behind its end', async () => {
  const { run, reference } = await finishedRun();
  const entry = await entryOf(reference!);
  await save(run, 2, 'another');
  await save(run, 6, 'k');
  await appendFile(join(run, 'journal.jsonl'), `${JSON.stringify(step(5))}\n`);
  const found = await findTraining(entry, at('runs'));
  if (typeof found === 'string') throw new Error(found);
  const second = await newRun('second');
  const bus = createEventBus();
  const steps: number[] = [];
  bus.events$.subscribe((event) => {
    if (event.type === 'step-finished') steps.push(event.step);
  });
  const to = { folder: join(second, 'checkpoints'), runFolder: second };
  const { stepsWithoutCheckpoint } = await takeOver(found, to, { bus, stop });
  expect((await listCheckpoints(to.folder)).map((own) => own.step)).toEqual([4]);
  expect(stepsWithoutCheckpoint).toEqual([1, 2]);
  expect(steps).toEqual([1, 2, 3, 4]);
});

it('says why it cannot be used', async () => {
  const { run, reference } = await finishedRun();
  const entry = await entryOf(reference!);
  const problem = async () => (await usableTraining(entry, at('runs'))).problem;
  expect(await problem()).toBe(undefined);
  // Renamed: found by its id.
  await rename(run, at('runs', 'renamed'));
  expect(await usableTraining(entry, at('elsewhere'))).toMatchObject({
    madeBy: { run: at('runs', 'renamed') },
  });
  const last = checkpointPath(at('runs', 'renamed', 'checkpoints'), 4);
  // Another state in its place.
  await rm(last, { recursive: true });
  expect(await problem()).toMatch(/no longer exists$/);
  await cp(checkpointPath(at('runs', 'renamed', 'checkpoints'), 2), last, { recursive: true });
  expect(await problem()).toBe(`its checkpoint ${last} is damaged`);
  await save(at('runs', 'renamed'), 4, 'k', 5);
  expect(await problem()).toMatch(/has the state [0-9a-f]+, not [0-9a-f]+$/);
  await writeFile(join(last, 'state.safetensors'), 'damaged');
  expect(await problem()).toBe(`its checkpoint ${last} is damaged`);
  await rm(at('runs', 'renamed', 'journal.jsonl'));
  expect(await problem()).toBe(`the run ${at('runs', 'renamed')} has no journal.jsonl any more`);
  await rm(at('runs', 'renamed'), { recursive: true });
  expect(await problem()).toBe(`the run ${run} no longer exists`);
  await writeFile(join(entry, 'training.json'), '{');
  expect(await problem()).toBe('its entry in the cache is damaged');
});

it('is found in a run that took it over when the first one is gone', async () => {
  const { run, reference } = await finishedRun();
  const second = await newRun('second');
  await cp(join(run, 'checkpoints'), join(second, 'checkpoints'), { recursive: true });
  await cp(join(run, 'journal.jsonl'), join(second, 'journal.jsonl'));
  const to = { folder: join(second, 'checkpoints'), runFolder: second };
  const entry = await entryOf(await withRun(reference!, to));
  await rm(run, { recursive: true });
  expect(await findTraining(entry, at('runs'))).toMatchObject({ run: second });
});
