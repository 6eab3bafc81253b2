/** Dataset folders read by pyarrow: `EDDY_PYTHON` names a Python that has it. */
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';

import { contentOf, writeDataset } from '@eddy/core/data';
import type { DatasetSource } from '@eddy/core';
import { freshFolder } from '@eddy/core/testing';
import sudoku from '@eddy/datasets/sudoku';
import { expect, it } from 'vitest';

const python = process.env['EDDY_PYTHON'] ?? 'python3';

const READ = `
import json, sys
import pyarrow as pa
table = pa.ipc.open_file(pa.memory_map(sys.argv[1])).read_all()
json.dump({
  "pyarrow": pa.__version__,
  "columns": {name: str(table.schema.field(name).type) for name in table.schema.names},
  "rows": [{name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
           for row in table.to_pylist()],
}, sys.stdout)
`;

const folder = freshFolder();

it('pyarrow reads every value of a split', async ({ skip }) => {
  if (spawnSync(python, ['-c', 'import pyarrow']).status !== 0) {
    skip(`${python} has no pyarrow (pip install pyarrow, or set EDDY_PYTHON)`);
  }

  const services = {
    configFolder: folder.path,
    cacheFolder: folder.path,
    offline: true,
    notify: () => {},
  };
  const config = sudoku.config.parse({ source: { generator: { size: 4, train: 50, test: 5 } } });
  const source = sudoku.create(config, services) as DatasetSource;
  const { signal } = new AbortController();
  const dataset = await writeDataset(folder.path, contentOf(source, signal));
  const split = await dataset.open('train');
  const file = path.join(folder.path, 'train.arrow');
  const read = JSON.parse(execFileSync(python, ['-c', READ, file], { encoding: 'utf8' }));
  expect(read.columns).toEqual({
    input: 'fixed_size_binary[16]',
    label: 'fixed_size_binary[16]',
    rating: 'float',
    puzzle: 'int32',
    group: 'int32',
    identifier: 'int32',
  });
  const hex = (tokens: Uint8Array, row: number) =>
    Buffer.from(tokens.subarray(row * 16, (row + 1) * 16)).toString('hex');
  expect(read.rows).toEqual(
    Array.from({ length: 50 }, (_, row) => ({
      input: hex(split.inputs, row),
      label: hex(split.labels, row),
      rating: split.ratings![row],
      puzzle: row,
      group: row,
      identifier: 0,
    })),
  );
});
