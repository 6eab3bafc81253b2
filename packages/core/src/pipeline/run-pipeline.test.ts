import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { defer, ignoreElements, throwError, timer } from 'rxjs';
import { expect, it, vi } from 'vitest';

import type { Engine } from '../contracts/engine.ts';
import type { Services } from '../contracts/services.ts';
import { runStopped } from '../run/errors.ts';
import { eagerEngine } from '../testing/eager-engine.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import { runPipeline, type RunPipelineOptions } from './run-pipeline.ts';
import type { Stage } from '../contracts/stage.ts';

const folder = freshFolder();

/** What the plugins of the pipeline do. */
interface Actors {
  startEngine(services: Pick<Services, 'notify'>): Promise<Engine>;
  runStage(): ReturnType<Stage['run']>;
}

/** Runs a pipeline of one stage; both plugins are files that call what the test has for them. */
async function run(
  actors: Actors,
  overrides: readonly string[] = [],
  options: Pick<RunPipelineOptions, 'resume' | 'stop'> = {},
) {
  vi.stubGlobal('actors', actors);
  const plugin = (facts: string, create: string) =>
    `import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
    export default { ${facts}, apiVersion: 1, summary: 'of a test', config: z.strictObject({}), create: ${create} };`;
  const files = {
    'engine.mjs': plugin(
      `kind: 'engine', name: 'slow', needs: ['notify']`,
      `(_, services) => globalThis.actors.startEngine(services)`,
    ),
    'stage.mjs': plugin(
      `kind: 'stage', name: 'work'`,
      `() => ({ needs: [], provides: [], usesEngine: true, run: () => globalThis.actors.runStage() })`,
    ),
    'pipeline.yml': [
      'name: test',
      'plugins: [./engine.mjs, ./stage.mjs]',
      'engine: slow',
      'loggers: []',
      'work: { use: work }',
    ].join('\n'),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  return runPipeline({
    file: join(folder.path, 'pipeline.yml'),
    overrides,
    builtin: { names: [], folder: folder.path },
    settings: {
      cacheFolder: folder.path,
      defaultEngine: 'slow',
      offline: true,
      allowInstall: false,
    },
    runFolder: join(folder.path, 'run'),
    ...options,
  });
}

it('writes nothing to the folder of a run that is over when its engine has started at last', async () => {
  let started!: (engine: Engine) => void;
  let notify!: Services['notify'];
  const dispose = vi.fn(() => Promise.resolve());
  const outcome = await run({
    startEngine: (services) => {
      ({ notify } = services);
      return new Promise((resolve) => (started = resolve));
    },
    runStage: () => throwError(() => runStopped({ step: 0, folder: '' })),
  });
  expect(outcome.status).toBe('stopped');
  const contents = () =>
    Promise.all(
      ['manifest.json', 'journal.jsonl'].map((name) =>
        readFile(join(folder.path, 'run', name), 'utf8'),
      ),
    );
  const before = await contents();
  notify('warning', 'still loading');
  started({ ...eagerEngine(), dispose });
  await vi.waitFor(() => expect(dispose).toHaveBeenCalledOnce());
  await setImmediate();
  expect(await contents()).toEqual(before);
});

it('leaves a folder with the config of the one of two commands that got it', async () => {
  const actors: Actors = {
    startEngine: () => Promise.resolve(eagerEngine()),
    runStage: () => timer(100).pipe(ignoreElements()),
  };
  const seeds = [1, 2, 3, 4, 5, 6];
  const outcomes = await Promise.allSettled(seeds.map((seed) => run(actors, [`seed=${seed}`])));
  const won = seeds.filter((_, i) => outcomes[i]!.status === 'fulfilled');
  expect(won).toHaveLength(1);
  const config = await readFile(join(folder.path, 'run', 'config.yml'), 'utf8');
  expect(config).toContain(`\nseed: ${won[0]} # override`);
});

it('fails, with its engine ended, when its manifest cannot be written any more', async () => {
  const dispose = vi.fn(() => Promise.resolve());
  const artifact = { kind: 'dataset', stage: 'work', key: 'a', path: '/data' };
  const outcome = await run({
    startEngine: () => Promise.resolve({ ...eagerEngine(), dispose }),
    runStage: () =>
      defer(async () => {
        const manifest = join(folder.path, 'run', 'manifest.json');
        await vi.waitFor(async () =>
          expect(await readFile(manifest, 'utf8')).toContain('fingerprint'),
        );
        await rm(manifest);
        return artifact;
      }),
  });
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'RUN_NOT_FOUND' } });
  expect(dispose).toHaveBeenCalledOnce();
});

it('leaves a run as it is when the stop was asked for before the run goes on', async () => {
  const runStage = vi.fn(() => timer(1).pipe(ignoreElements()));
  const actors = { startEngine: () => Promise.resolve(eagerEngine()), runStage };
  expect(await run(actors)).toMatchObject({ status: 'done' });
  const journal = () => readFile(join(folder.path, 'run', 'journal.jsonl'), 'utf8');
  const before = await journal();
  const stop = { requested: true, signal: AbortSignal.abort() };
  expect(await run(actors, [], { resume: 'auto', stop })).toMatchObject({
    status: 'stopped',
    error: { code: 'RUN_STOPPED', exitCode: 75 },
  });
  expect(await journal()).toBe(before);
  expect(runStage).toHaveBeenCalledOnce();
});
