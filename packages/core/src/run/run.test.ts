import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it, vi } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { createEventBus } from './event-bus.ts';
import type { RunEvent, RunEventBody } from '../contracts/events.ts';
import { Journal, readJournal } from './journal.ts';
import { listRuns } from './list-runs.ts';
import { acquireRunLock } from './lock.ts';
import { createRunFolder, openRunFolder, recordEngine } from './run-folder.ts';
import { createStopSignal } from './stop.ts';

// The tests themselves may run under nohup.
vi.mock('./hangup.ts', () => ({ isHangupIgnored: () => false }));

const folder = freshFolder();

const step = (number: number, loss = 1 / number): RunEventBody => ({
  type: 'step-finished',
  step: number,
  totalSteps: 10,
  epoch: 0,
  metrics: { loss },
  stepMs: 1,
});

describe('createEventBus', () => {
  it('tells a warning once, however many find what it is about', () => {
    const bus = createEventBus();
    const texts: string[] = [];
    bus.events$.subscribe((event) => event.type === 'message' && texts.push(event.text));
    const warn = (text: string) => bus.emit({ type: 'message', level: 'warning', text });
    warn('step-2 is damaged');
    warn('step-2 is damaged');
    warn('step-1 is damaged');
    bus.emit({ type: 'message', level: 'info', text: 'saved' });
    bus.emit({ type: 'message', level: 'info', text: 'saved' });
    expect(texts).toEqual(['step-2 is damaged', 'step-1 is damaged', 'saved', 'saved']);
  });

  it('stamps events with a clock that goes on after a resume', () => {
    const bus = createEventBus({ elapsedMs: 5000 });
    const seen: RunEvent[] = [];
    bus.events$.subscribe((event) => seen.push(event));
    bus.emit(step(1));
    bus.emit(step(2));
    expect(seen.map((event) => event.type)).toEqual(['step-finished', 'step-finished']);
    expect(seen[0]!.timeMs).toBeGreaterThanOrEqual(5000);
    expect(seen[1]!.timeMs).toBeGreaterThanOrEqual(seen[0]!.timeMs);
  });

  it('ends the stream', () => {
    const bus = createEventBus();
    const done = vi.fn();
    bus.events$.subscribe({ complete: done });
    bus.complete();
    expect(done).toHaveBeenCalledOnce();
  });
});

describe('readJournal', () => {
  it('gives paths inside the run the folder where the run lies now', () => {
    const lines: RunEventBody[] = [];
    const started = (at: string): RunEventBody => ({
      type: 'run-started',
      run: {
        name: 'x',
        id: '1',
        folder: at,
        engine: 'cpu',
        precision: 'auto',
        config: {},
        startedAt: '',
      },
    });
    const saved = (at: string): RunEventBody => ({
      type: 'checkpoint-saved',
      step: 1,
      path: at,
      bytes: 1,
      durationMs: 1,
    });
    // Made in /a, resumed in /b.
    lines.push(started('/a/r'), saved('/a/r/checkpoints/1'), saved('/a/rest/1'));
    lines.push(started('/b/r'), saved('/b/r/checkpoints/2'), saved('/a/r/checkpoints/1'));
    const path = join(folder.path, 'journal.jsonl');
    writeFileSync(
      path,
      lines.map((line) => `${JSON.stringify({ timeMs: 1, ...line })}\n`).join(''),
    );
    const paths = readJournal(path).map((event) =>
      event.type === 'run-started' ? event.run.folder : 'path' in event ? event.path : undefined,
    );
    expect(paths).toEqual([
      folder.path,
      join(folder.path, 'checkpoints/1'),
      '/a/rest/1',
      folder.path,
      join(folder.path, 'checkpoints/2'),
      '/a/r/checkpoints/1',
    ]);
  });
});

describe('Journal', () => {
  it('is no device, which may never end', () => {
    expect(() => new Journal('/dev/full')).toThrow(
      expect.objectContaining({ code: 'INPUT_NOT_A_FILE' }),
    );
  });

  const path = () => join(folder.path, 'journal.jsonl');
  const record = (events: RunEventBody[], resumeStep?: number) => {
    const journal = new Journal(
      path(),
      resumeStep === undefined ? {} : { resumeSteps: new Map([['', resumeStep]]) },
    );
    const bus = createEventBus({
      elapsedMs: journal.elapsedMs,
      record: (event) => journal.append(event),
    });
    events.forEach((event) => bus.emit(event));
    journal.close();
  };
  const stepsIn = () =>
    readJournal(path()).flatMap((event) => (event.type === 'step-finished' ? [event.step] : []));

  it('keeps every event but progress', () => {
    record([step(1), { type: 'progress', stage: 'build', label: 'rows', done: 1 }, step(2)]);
    expect(stepsIn()).toEqual([1, 2]);
    expect(readJournal(path())).toHaveLength(2);
  });

  it('has each step once after a resume, in order of time', () => {
    record([step(1), step(2), step(3), step(4)]);
    record([{ type: 'resumed', step: 2, path: '' }, step(3), step(4), step(5)], 2);
    expect(stepsIn()).toEqual([1, 2, 3, 4, 5]);
    const times = readJournal(path()).map((event) => event.timeMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('has the evaluation of the checkpoint once after a resume', () => {
    const evaluation = (at: number): RunEventBody[] => [
      { type: 'evaluation-started', step: at, split: 'test', examples: 1 },
      {
        type: 'evaluation-finished',
        step: at,
        split: 'test',
        examples: 1,
        metrics: {},
        durationMs: 1,
        folder: '',
      },
    ];
    const compute: RunEventBody = {
      type: 'compute-measured',
      stage: 'test-time-compute',
      step: 2,
      split: 'test',
      examples: 1,
      results: [],
      durationMs: 1,
      folder: '',
    };
    record([step(1), ...evaluation(1), step(2), compute]);
    record([{ type: 'resumed', step: 2, path: '' }, compute], 2);
    expect(readJournal(path()).filter(({ type }) => type === compute.type)).toHaveLength(1);
    record([...evaluation(2), step(3)], 2);
    record([{ type: 'resumed', step: 2, path: '' }, ...evaluation(2), step(3)], 2);
    const evaluated = readJournal(path()).flatMap((event) =>
      event.type === 'evaluation-finished' ? [event.step] : [],
    );
    expect(evaluated).toEqual([1, 2]);
    expect(stepsIn()).toEqual([1, 2, 3]);
  });

  it('cuts off a torn last line', () => {
    record([step(1), step(2)]);
    appendFileSync(path(), '{"type":"step-fini');
    record([step(3)], 2);
    expect(stepsIn()).toEqual([1, 2, 3]);
  });

  it('cuts off what a power cut left unwritten, and says how much', () => {
    record([step(1), step(2)]);
    appendFileSync(
      path(),
      Buffer.concat([Buffer.alloc(70), Buffer.from('"b":1}\n{"type":"x"}\n')]),
    );
    expect(readJournal(path())).toHaveLength(2);
    const journal = new Journal(path(), { resumeSteps: new Map([['', 2]]) });
    journal.close();
    expect(journal.unwrittenBytes).toBe(70 + 21 - 1);
    expect(stepsIn()).toEqual([1, 2]);
  });

  it('refuses a line that is no event, by number', () => {
    record([step(1)]);
    appendFileSync(path(), '{"a":1}\n');
    expect(() => readJournal(path())).toThrow(/JOURNAL_INVALID[^]*journal\.jsonl:2/);
  });

  it('fails once when it cannot write, in the hands of the one who emits, and holds what it could not', () => {
    const journal = new Journal(path());
    journal.close(); // so that the file cannot be written
    const bus = createEventBus({ record: (event) => journal.append(event) });
    expect(() => bus.emit(step(1))).toThrow(/JOURNAL_WRITE_FAILED[^]*EBADF/);
    expect(() => bus.emit(step(2))).not.toThrow();
    expect(journal.heldEvents).toBe(2);
  });

  it('says which steps of a checkpoint are not in it', () => {
    record([step(1), step(2), { ...step(1), label: 'b' } as RunEventBody]);
    const resumeSteps = new Map([
      ['', 4],
      ['b', 1],
      ['ended', Infinity],
    ]);
    const journal = new Journal(path(), { resumeSteps });
    journal.close();
    expect(journal.gaps).toEqual([{ label: '', after: 2, step: 4 }]);
  });

  it('keeps NaN and infinities', () => {
    record([step(1, NaN), step(2, -Infinity)]);
    const losses = readJournal(path()).map((event) =>
      event.type === 'step-finished' ? event.metrics['loss'] : null,
    );
    expect(losses).toEqual([NaN, -Infinity]);
  });
});

describe('acquireRunLock', () => {
  it('lets one writer in and names it to the second', async () => {
    const path = join(folder.path, 'lock');
    const lock = await acquireRunLock(path);
    expect(lock.kind).toBe('kernel');
    await expect(acquireRunLock(path)).rejects.toMatchObject({
      code: 'RUN_LOCKED',
      facts: { received: expect.stringContaining(`process ${process.pid} on `) as string },
    });
    lock.release();
    const next = await acquireRunLock(path);
    next.release();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
  });
});

describe('run folder', () => {
  const create = (name = 'tiny') =>
    createRunFolder({
      root: join(folder.path, 'runs'),
      name,
      configText: 'name: tiny\n',
      configHash: 'abc',
      versions: { '@eddy/core': '0.1.0' },
    });

  it('is created with its config and opened again', async () => {
    const run = await create();
    expect(run.path).toMatch(/runs\/tiny-\d{8}-\d{6}$/);
    expect(readFileSync(run.configPath, 'utf8')).toBe('name: tiny\n');
    const withEngine = await recordEngine(run, { name: 'cpu', fingerprint: 'f' });
    expect(await openRunFolder(run.path)).toEqual(withEngine);
  });

  it('gives runs of one second folders of their own', async () => {
    const runs = [await create(), await create(), await create()];
    expect(new Set(runs.map((run) => run.path)).size).toBe(3);
  });

  it('says when there is no run', async () => {
    await expect(openRunFolder(folder.path)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });
});

describe('createStopSignal', () => {
  it('asks at the first signal and exits at the second', () => {
    const listeners = process.listenerCount('SIGTERM');
    const exit = vi.fn();
    const onRequest = vi.fn();
    const stop = createStopSignal({ exit, onRequest });
    process.emit('SIGTERM', 'SIGTERM');
    expect([stop.requested, stop.signal.aborted]).toEqual([true, true]);
    expect(onRequest).toHaveBeenCalledExactlyOnceWith('SIGTERM');
    expect(exit).not.toHaveBeenCalled();
    process.emit('SIGINT', 'SIGINT');
    process.emit('SIGTERM', 'SIGTERM');
    expect(exit.mock.calls).toEqual([[130], [143]]);
    stop.dispose();
    expect(process.listenerCount('SIGTERM')).toBe(listeners);
  });

  it('takes hang-ups for a request, and never for a second one', () => {
    const exit = vi.fn();
    const onRequest = vi.fn();
    const stop = createStopSignal({ exit, onRequest });
    for (let i = 0; i < 3; i++) process.emit('SIGHUP', 'SIGHUP');
    process.emit('SIGTERM', 'SIGTERM'); // of the same closing
    expect(onRequest).toHaveBeenCalledExactlyOnceWith('SIGHUP');
    expect([stop.requested, exit.mock.calls]).toEqual([true, []]);
    process.emit('SIGTERM', 'SIGTERM');
    process.emit('SIGHUP', 'SIGHUP');
    expect(exit.mock.calls).toEqual([[143]]);
    stop.dispose();
  });
});

it('lists a run without signing its lock', async () => {
  const run = await createRunFolder({
    root: folder.path,
    name: 'a',
    configText: '',
    configHash: '',
    versions: {},
  });
  const evaluation: RunEventBody = {
    type: 'evaluation-finished',
    step: 2,
    split: 'test',
    label: 'average',
    examples: 1,
    metrics: {},
    durationMs: 1,
    folder: '',
  };
  // A trial of a sweep whose turn has not come.
  expect(await listRuns(folder.path)).toMatchObject([{ status: 'waiting' }]);
  writeFileSync(run.journalPath, `${JSON.stringify({ timeMs: 1, ...evaluation })}\n`);
  writeFileSync(run.lockPath, 'signed by its last holder');
  expect(await listRuns(folder.path)).toMatchObject([
    { status: 'interrupted', evaluation: { step: 2, split: 'test (average)' } },
  ]);
  expect(readFileSync(run.lockPath, 'utf8')).toBe('signed by its last holder');
  const lock = await acquireRunLock(run.lockPath);
  expect(await listRuns(folder.path)).toMatchObject([{ status: 'running' }]);
  lock.release();
  const warnings: string[] = [];
  const warn = (text: string) => void warnings.push(text);
  writeFileSync(run.journalPath, '\n{"timeMs":1\n{"timeMs":2}\n');
  mkdirSync(run.checkpointsPath);
  writeFileSync(join(run.checkpointsPath, 'best.json'), '{"step":');
  await listRuns(folder.path, warn);
  writeFileSync(join(run.path, 'manifest.json'), '{"format":');
  expect(await listRuns(folder.path, warn)).toEqual([]);
  expect(warnings).toEqual([
    expect.stringContaining(run.journalPath),
    expect.stringContaining(join(run.checkpointsPath, 'best.json')),
    expect.stringContaining(join(run.path, 'manifest.json')),
  ]);
});

it('says of a folder that cannot be written what to do', async () => {
  const file = join(folder.path, 'file');
  writeFileSync(file, '');
  const facts = { code: 'RUN_FOLDER_UNUSABLE', facts: { at: join(file, 'run') } };
  const made = createRunFolder({
    root: folder.path,
    path: join(file, 'run'),
    name: 'a',
    configText: '',
    configHash: '',
    versions: {},
  });
  await expect(made).rejects.toMatchObject(facts);
  await expect(acquireRunLock(join(file, 'run'))).rejects.toMatchObject(facts);
});
