import { mean, mul, square, sub } from '@tensorflow/tfjs-core';
import { randomStream } from '@eddy/core';
import { updateRows } from '@eddy/core/training';
import { zeros, type Program } from '@eddy/tensor';
import { expect, it } from 'vitest';

import { testXlaEngine } from '../testing/test-engines.ts';

/** As many rows as ARC's table has identifiers, a quarter of its width: 512 MB. */
const ROWS = 1_000_000;
const WIDTH = 128;
const BATCH = 64;
const TABLE_BYTES = ROWS * WIDTH * 4;

const step: Program = {
  name: 'large-table',
  state: { table: { shape: [ROWS, WIDTH], dtype: 'float32' } },
  inputs: {
    ids: { shape: [BATCH], dtype: 'int32' },
    gradient: { shape: [BATCH, WIDTH], dtype: 'float32' },
  },
  run: ({ table }, { ids, gradient }) => ({
    state: {
      table: updateRows({
        table: table!,
        ids: ids!,
        gradient: gradient!,
        rule: (rows, sums) => sub(rows, mul(0.5, sums)),
      }),
    },
    outputs: { size: mean(square(gradient!)) },
  }),
};

it('updates rows of a table of a million in its place', async () => {
  const engine = await testXlaEngine();
  try {
    const executable = await engine.compile(step);
    expect(executable.stats.temporaryBytes).toBeLessThan(TABLE_BYTES / 1000);
    expect(executable.stats.outputBytes).toBeLessThan(TABLE_BYTES / 1000);

    const state = await engine.upload({ table: zeros(step.state['table']!) });
    const random = randomStream(0).stream('rows');
    const ids = Int32Array.from({ length: BATCH }, () => random.integer(ROWS));
    ids[1] = ids[0]!; // two examples of one puzzle
    const gradient = Float32Array.from({ length: BATCH * WIDTH }, () => 1);
    const inputs = {
      ids: { shape: [BATCH], dtype: 'int32' as const, data: ids },
      gradient: { shape: [BATCH, WIDTH], dtype: 'float32' as const, data: gradient },
    };
    await executable.run(state, inputs);
    const bytesInUse = async () => (await engine.memory()).bytesInUse!;
    const before = await bytesInUse();
    for (let i = 0; i < 4; i++) await executable.run(state, inputs);
    const grown = (await bytesInUse()) - before;
    expect(grown).toBeLessThan(TABLE_BYTES / 4);

    const { data } = (await state.read(['table']))['table']!;
    const touched = new Set(ids);
    const expected = (row: number) => (!touched.has(row) ? 0 : row === ids[0] ? -5 : -2.5);
    let wrong = 0;
    for (let row = 0; row < ROWS; row++) {
      for (let column = 0; column < WIDTH; column++) {
        if (data[row * WIDTH + column] !== expected(row)) wrong += 1;
      }
    }
    expect(wrong).toBe(0);
    expect(touched.size).toBe(BATCH - 1);
  } finally {
    await engine.dispose();
  }
});
