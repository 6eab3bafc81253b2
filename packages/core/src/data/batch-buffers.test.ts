import { describe, expect, it } from 'vitest';

import { randomStream } from '../random/random-stream.ts';
import { drawingAugmentation, numberedGroups, splitOf } from '../testing/example-dataset.ts';
import { BatchBuffers } from './batch-buffers.ts';
import { trainingBatches } from './sampler.ts';

describe('batch buffers', () => {
  const options = {
    ...splitOf('train', numberedGroups([[2], [1], [3], [1], [2], [1]])),
    random: randomStream(3),
    globalBatchSize: 3,
    epochs: 12,
    augmentation: { augmentation: drawingAugmentation, random: randomStream(4) },
  };

  it('hold the same batches as fresh arrays, in as many as are read at once', () => {
    const expected = [...trainingBatches(options)];
    const buffers = new BatchBuffers();
    const arrays = new Set<Int32Array>();
    const read = [];
    let earlier;
    for (const batch of trainingBatches({ ...options, buffers })) {
      arrays.add(batch.inputs);
      read.push(structuredClone(batch));
      if (earlier !== undefined) buffers.giveBack(earlier);
      earlier = batch;
    }
    expect(read.length).toBeGreaterThan(10);
    expect(read).toEqual(expected);
    expect(arrays.size).toBe(2);
  });

  it('makes new arrays for a batch of another size', () => {
    const buffers = new BatchBuffers();
    const batch = { ...buffers.take(2, 4), count: 2 };
    buffers.giveBack(batch);
    expect(buffers.take(3, 4).inputs).toHaveLength(12);
    buffers.giveBack(batch);
    expect(buffers.take(2, 4).inputs).toBe(batch.inputs);
  });
});
