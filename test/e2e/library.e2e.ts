/** Eddy called from a program: the functions, and the programs of the guide. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { runPipeline, watchPipeline } from '@eddy/cli';
import type { RunEvent } from '@eddy/core';
import { take, toArray, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { TINY, Workplace } from './eddy-cli.ts';

const repository = resolve(import.meta.dirname, '../..');

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.remove());

const tiny = () => place.write('tiny.yml', TINY);
const options = (...overrides: string[]) => ({
  overrides: ['loggers=[]', ...overrides],
  settings: { cacheFolder: join(place.folder, 'cache') },
  runsFolder: join(place.folder, 'runs'),
});

describe('runPipeline', () => {
  it('needs a file only, and resolves with the numbers of the last evaluation', async () => {
    const events: RunEvent[] = [];
    const result = await runPipeline(tiny(), {
      ...options(),
      onEvent: (event) => void events.push(event),
    });
    expect(result.status).toBe('done');
    expect(existsSync(join(result.folder, 'journal.jsonl'))).toBe(true);
    const last = events.findLast(({ type }) => type === 'evaluation-finished');
    expect(last).toMatchObject({ metrics: result.metrics });
    expect(result.metrics!['exact_accuracy']).toBeGreaterThanOrEqual(0);
    expect(events.at(-1)!.type).toBe('run-finished');
  });

  it('stops when its signal is aborted, and resumes', async () => {
    const stopping = new AbortController();
    const runFolder = join(place.folder, 'first');
    const stopped = await runPipeline(tiny(), {
      ...options('train.epochs=40', 'train.evalInterval=40'),
      runFolder,
      signal: stopping.signal,
      onEvent: (event) => {
        if (event.type === 'step-finished') stopping.abort(new Error('enough'));
      },
    });
    expect(stopped.status).toBe('stopped');
    const resumed = await runPipeline(tiny(), {
      ...options('train.epochs=40', 'train.evalInterval=40'),
      runFolder,
      resume: 'auto',
    });
    expect(resumed).toMatchObject({ status: 'done', folder: runFolder });
  });

  it('rejects with what is wrong before the run begins', async () => {
    const wrong = runPipeline(tiny(), options('train.model.hiddenSize=x'));
    await expect(wrong).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(runPipeline('sudoku-4x5')).rejects.toMatchObject({ code: 'PIPELINE_NOT_FOUND' });
  });
});

describe('watchPipeline', () => {
  it('is a cold stream of the run’s events', async () => {
    const events$ = watchPipeline(tiny(), options());
    expect(existsSync(join(place.folder, 'runs'))).toBe(false);
    const events = await firstValueFrom(events$.pipe(toArray()));
    expect(events[0]!.type).toBe('run-started');
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', status: 'done' });
  });

  it('stops cleanly when unsubscribed', async () => {
    const events: RunEvent[] = [];
    const long = options('train.epochs=4000', 'train.evalInterval=4000');
    await new Promise<void>((done) => {
      watchPipeline(tiny(), long)
        .pipe(take(12))
        .subscribe({ next: (event) => events.push(event), complete: done });
    });
    expect(events).toHaveLength(12);
  });

  it('passes on errors', async () => {
    const failing = watchPipeline(tiny(), options('train.model.hiddenSize=x'));
    await expect(firstValueFrom(failing)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('docs/guides/use-as-a-library.md', () => {
  it('shows programs that run', () => {
    const guide = readFileSync(resolve(repository, 'docs/guides/use-as-a-library.md'), 'utf8');
    place.write('package.json', '{ "name": "elsewhere", "type": "module" }');
    place.write('mine.yml', TINY);
    symlinkSync(join(repository, 'node_modules'), join(place.folder, 'node_modules'));
    const output = (name: string) => {
      const [, program] = new RegExp(`^\`${name}\`:\n\n\`\`\`js\n([^]*?)^\`\`\`$`, 'm').exec(
        guide,
      )!;
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [place.write(name, program!)],
        {
          cwd: place.folder,
          env: { ...process.env, EDDY_CACHE: join(place.folder, 'cache') },
          encoding: 'utf8',
        },
      );
      expect(status, stderr).toBe(0);
      return stdout;
    };
    expect(output('train.js')).toMatch(
      /^1 [\d.]+\n2 [^]*done \S+first \{[^]*exact_accuracy: [\d.]+/,
    );
    expect(output('stop.js')).toMatch(/stopped\n[^]*done\n$/);
    expect(output('watch.js')).toMatch(/^([\d.]+\n){2}$/);
  });
});
