import { firstValueFrom, NEVER, of } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';

import type { Augmentation, DatasetSource, PuzzleGroup } from '../contracts/dataset.ts';
import { datasetOf } from '../data/dataset-artifact.ts';
import { trainingBatches } from '../data/sampler.ts';
import { FileArtifactStore } from '../pipeline/artifact-store.ts';
import type { Artifact } from '../contracts/stage.ts';
import { randomStream } from '../random/random-stream.ts';
import type { RunEventBody } from '../contracts/events.ts';
import type { StageServices } from '../contracts/services.ts';
import {
  drawingAugmentation,
  exampleMetadata,
  numberedGroups,
} from '../testing/example-dataset.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import augmentStage from './augment.plugin.ts';
import buildStage from './build.plugin.ts';

const folder = freshFolder();
let events: RunEventBody[];
let stop: AbortController;
beforeEach(() => {
  events = [];
  stop = new AbortController();
});

/** Groups that wait for `gate` halfway. */
function sourceOf(groups: readonly PuzzleGroup[], gate = Promise.resolve()): DatasetSource {
  return {
    describe: () => ({ ...exampleMetadata, numPuzzleIdentifiers: 1 }),
    metadata: () => exampleMetadata,
    splits: ['train', 'test'],
    async *groups(_split, signal) {
      for (const [i, group] of groups.entries()) {
        if (i === 1) await gate;
        signal.throwIfAborted();
        yield group;
      }
    },
    identifiers: () => ['<blank>'],
    fingerprint: () => Promise.resolve(String(groups.length)),
  };
}

function services(name: string, part: DatasetSource | Augmentation): StageServices {
  return {
    name,
    bus: {
      events$: NEVER,
      emit: (event) => void events.push(event),
      recorded: () => Promise.resolve(),
    },
    parts: {
      create: () => Promise.resolve(part as never),
      describe: () => Promise.reject(new Error('not used')),
    },
    artifacts: new FileArtifactStore({
      root: folder.path,
      isForced: () => false,
      inputsOf: () => undefined,
      onReuse: (stage, key, path) => events.push({ type: 'stage-reused', stage, key, path }),
    }),
    stop: { requested: false, signal: stop.signal },
    artifactKey: (inputs: readonly string[]) => [name, ...inputs].join('-').replaceAll('/', '-'),
  } as Partial<StageServices> as StageServices;
}

const groups = numberedGroups([[1], [1], [1], [1]]);
const runBuild = async (source: DatasetSource) => {
  const config = buildStage.config.parse({ dataset: 'example' });
  const stage = await buildStage.create(config, { stage: services('build', source) });
  return stage.run(of());
};
const runAugment = async (input: Artifact, mode: Augmentation['mode'], seed = 0) => {
  const config = augmentStage.config.parse({ augmentation: 'example', seed });
  const part = { ...drawingAugmentation, mode };
  const stage = await augmentStage.create(config, { stage: services(`augment-${mode}`, part) });
  return firstValueFrom(stage.run(of(input)));
};
const batchesOf = async (artifact: Artifact) => {
  const { metadata, open, augmentation } = datasetOf(artifact);
  const options = { metadata, random: randomStream(0), globalBatchSize: 4, epochs: 6 };
  const attached = augmentation === undefined ? {} : { augmentation };
  return [...trainingBatches({ ...options, split: await open('train'), ...attached })];
};

describe('build', () => {
  it('makes a dataset artifact and reuses it', async () => {
    const first = await firstValueFrom(await runBuild(sourceOf(groups)));
    expect(first).toMatchObject({ kind: 'dataset', stage: 'build', key: 'build-eddy-dataset-1-4' });
    expect(datasetOf(first).metadata.splits['train']!.numExamples).toBe(4);
    expect(events).toEqual([
      { type: 'progress', stage: 'build', label: 'train', done: 4 },
      { type: 'progress', stage: 'build', label: 'test', done: 4 },
    ]);
    const second = await firstValueFrom(await runBuild(sourceOf(groups)));
    expect(second.path).toBe(first.path);
    expect(events.at(-1)).toMatchObject({ type: 'stage-reused', stage: 'build' });
    expect(await batchesOf(second)).toEqual(await batchesOf(first));
    const other = await firstValueFrom(await runBuild(sourceOf(groups.slice(1))));
    expect(other.path).not.toBe(first.path);
  });

  it.each(['unsubscribed', 'stopped'])('leaves nothing behind when %s', async (how) => {
    const gate = withResolvers();
    const build$ = await runBuild(sourceOf(groups, gate.promise as Promise<void>));
    const failed: unknown[] = [];
    const ended = new Promise<void>((resolve) => {
      const subscription = build$.subscribe({
        error: (error: unknown) => {
          failed.push(error);
          resolve();
        },
      });
      setTimeout(() => {
        if (how === 'stopped') stop.abort(new Error('stopped: SIGTERM'));
        else subscription.unsubscribe();
        gate.resolve(undefined);
        if (how === 'unsubscribed') setTimeout(resolve, 50);
      }, 20);
    });
    await ended;
    if (how === 'stopped') expect(failed).toEqual([new Error('stopped: SIGTERM')]);
    // Nothing was kept: the next build makes it.
    stop = new AbortController();
    await firstValueFrom(await runBuild(sourceOf(groups)));
    expect(events.some((event) => event.type === 'stage-reused')).toBe(false);
  });
});

describe('augment', () => {
  it('gives the same batches materialised and on the fly', async () => {
    const input = await firstValueFrom(await runBuild(sourceOf(groups)));
    const onTheFly = await runAugment(input, 'on-the-fly');
    const materialised = await runAugment(input, 'materialised');
    expect(onTheFly.path).toBe(input.path);
    expect(onTheFly.key).not.toBe(input.key);
    expect(datasetOf(materialised).metadata.splits).toMatchObject({
      train: { numGroups: 4, numPuzzles: 16, numExamples: 16, meanPuzzleExamples: 1 },
      test: { numGroups: 4, numPuzzles: 4 },
    });
    expect(datasetOf(materialised).augmentation).toBeUndefined();
    expect(await batchesOf(materialised)).toEqual(await batchesOf(onTheFly));
    expect(await batchesOf(onTheFly)).not.toEqual(await batchesOf(input));
    expect(await batchesOf(await runAugment(input, 'on-the-fly', 1))).not.toEqual(
      await batchesOf(onTheFly),
    );
    expect(events).toContainEqual({
      type: 'progress',
      stage: 'augment-materialised',
      label: 'train',
      done: 16,
      total: 16,
    });
  });
});

/** As `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers() {
  let resolve!: (value: unknown) => void;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}
