import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { join } from 'node:path';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { writeSafetensors } from '../checkpoint/safetensors.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { freshFolder } from '../testing/fresh-folder.ts';
import { runStages, storedState, type ToyPipeline } from '../testing/toy-stages.ts';

const runFolder = freshFolder();
const elsewhere = freshFolder();

beforeAll(() => setBackend('cpu'));

const run = (settings: Omit<ToyPipeline, 'runFolder'> = {}) =>
  runStages({ runFolder: runFolder.path, ...settings });
const stored = (step: number) => storedState(runFolder.path, step);

describe('loadCheckpoint', () => {
  /** Trains elsewhere, then here from what that left. */
  const fineTune = async (options: object, identifiers: string[], first: string[]) => {
    await runStages({ runFolder: elsewhere.path, identifiers: first, train: { maxSteps: 6 } });
    const source = await storedState(elsewhere.path, 6);
    const train = { maxSteps: 1, loadCheckpoint: { from: elsewhere.path, ...options } };
    const { events } = await run({ identifiers, train });
    return { source, start: await stored(0), events };
  };

  it('starts from the averaged weights, with rows by the names of their identifiers', async () => {
    const { source, start, events } = await fineTune({}, ['<blank>', 'b'], ['<blank>', 'a', 'b']);
    expect(start['parameters/head']).toEqual(source['average/head']);
    expect(start['average/head']).toEqual(source['average/head']);
    expect(start['buffers/start']).toEqual(source['buffers/start']);
    expect(start['slots/v/head']!.data.every((x) => x === 0)).toBe(true);
    const rows = (state: HostTree, row: number) =>
      state['tables/puzzles']!.data.slice(8 * row, 8 * row + 8);
    expect(rows(start, 1)).toEqual(rows(source, 2));
    const texts = events.flatMap((event) => (event.type === 'message' ? [event.text] : []));
    expect(texts.join()).toMatch(/starts from weights of the average in .*2 of 2 rows of puzzles/);
  });

  it('takes the raw parameters when asked to', async () => {
    const names = ['<blank>', 'a', 'b'];
    const { source, start } = await fineTune(
      { weights: 'parameters', table: 'reset' },
      names,
      names,
    );
    expect(start['parameters/head']).toEqual(source['parameters/head']);
    expect(start['tables/puzzles']!.data.every((x) => x === 0)).toBe(true);
  });

  it('names what differs', async () => {
    const file = join(elsewhere.path, 'weights.safetensors');
    const tensor = (...shape: number[]) => ({
      shape,
      dtype: 'float32' as const,
      data: new Float32Array(shape.reduce((a, b) => a * b)),
    });
    await writeSafetensors(file, {
      'parameters/embed': tensor(11, 9),
      'parameters/head': tensor(8, 11),
      'parameters/extra': tensor(1),
      'buffers/start': tensor(8),
      'tables/puzzles': tensor(7, 8),
    });
    const starting = run({ train: { loadCheckpoint: { from: file } } });
    await expect(starting).rejects.toMatchObject({
      code: 'WEIGHTS_MISMATCH',
      facts: {
        received: [
          'parameters/embed: expected float32[11,8], received float32[11,9]',
          'parameters/bias: expected float32[11], received absent',
          'parameters/extra: expected absent, received float32[1]',
        ].join('; '),
      },
    });
    const nowhere = run({ train: { loadCheckpoint: { from: 'nowhere' } } });
    await expect(nowhere).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });
  });
});
