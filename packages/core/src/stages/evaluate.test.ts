import { lastValueFrom, NEVER, of } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { DatasetArtifact } from '../data/dataset-artifact.ts';
import type { Artifact } from '../contracts/stage.ts';
import type { RunEventBody } from '../contracts/events.ts';
import type { StageServices } from '../contracts/services.ts';
import { numberedGroups, splitOf } from '../testing/example-dataset.ts';
import evaluateStage from './evaluate.plugin.ts';

const { metadata, split } = splitOf('train', numberedGroups([[1], [1]]));

async function run(splits: DatasetArtifact['metadata']['splits'], wanted: string) {
  const events: RunEventBody[] = [];
  const stage = {
    name: 'evaluate',
    stages: () => [],
    bus: {
      events$: NEVER,
      emit: (event) => void events.push(event),
      recorded: () => Promise.resolve(),
    },
  } as Partial<StageServices> as StageServices;
  const config = evaluateStage.config.parse({ split: wanted });
  const created = await evaluateStage.create(config, { stage, configFolder: '.' });
  const value: DatasetArtifact = {
    folder: '/data',
    metadata: { ...metadata, splits },
    identifiers: () => Promise.resolve(['<blank>']),
    open: () => Promise.resolve(split),
  };
  const dataset: Artifact = { kind: 'dataset', stage: 'build', key: 'a', path: '/data', value };
  const checkpoint: Artifact = { kind: 'checkpoint', stage: 'train', key: 'b', path: '/run' };
  await lastValueFrom(created.run(of(dataset, checkpoint)), { defaultValue: undefined });
  return events;
}

describe('evaluate, on a dataset without the split', () => {
  const [train] = Object.values(metadata.splits);

  it('warns and evaluates nothing where there are only training examples', async () => {
    expect(await run({ train: train! }, 'test')).toEqual([
      {
        type: 'message',
        level: 'warning',
        text: 'the dataset has no split "test": nothing will be evaluated',
        stage: 'evaluate',
      },
    ]);
  });

  it('refuses a misspelt split before any training', async () => {
    await expect(run({ train: train!, test: train! }, 'tset')).rejects.toMatchObject({
      code: 'SPLIT_MISSING',
      facts: { expected: 'one of train, test' },
    });
  });
});

it('refuses an evaluator that is listed twice', () => {
  const evaluators = ['exact', { use: 'arc', passKs: [1] }, { use: 'arc', passKs: [2] }, 'other'];
  expect(evaluateStage.check!(evaluateStage.config.parse({ evaluators }), {})).toMatchObject([
    { path: ['evaluators', 2], received: 'arc' },
  ]);
});
