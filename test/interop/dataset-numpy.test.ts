/** Reference folders that we write, read by NumPy: `EDDY_PYTHON` names a Python that has it. */
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';

import { contentOf, writeDataset } from '@eddy/core/data';
import type { DatasetSource } from '@eddy/core';
import { freshFolder } from '@eddy/core/testing';
import { writeReferenceFolder } from '@eddy/datasets';
import maze from '@eddy/datasets/maze';
import referenceFolder from '@eddy/datasets/reference-folder';
import { expect, it } from 'vitest';

const python = process.env['EDDY_PYTHON'] ?? 'python3';

const READ = `
import json, sys
import numpy as np
folder = sys.argv[1]
columns = ["inputs", "labels", "puzzle_identifiers", "puzzle_indices", "group_indices"]
arrays = {c: np.load(f"{folder}/all__{c}.npy", mmap_mode="r") for c in columns}
json.dump({c: [str(a.dtype), a.shape, a.ravel().tolist()] for c, a in arrays.items()}, sys.stdout)
`;

/** As the reference's builder: int64, and a version 1.0 header of NumPy's own making. */
const WRITE = `
import sys
import numpy as np
for c in ["inputs", "labels"]:
    file = f"{sys.argv[1]}/all__{c}.npy"
    np.save(file, np.load(file).astype(np.int64))
`;

const folder = freshFolder();

it('numpy reads every value of a folder, and we read what numpy writes', async ({ skip }) => {
  if (spawnSync(python, ['-c', 'import numpy']).status !== 0) {
    skip(`${python} has no numpy (pip install numpy, or set EDDY_PYTHON)`);
  }

  const services = {
    configFolder: folder.path,
    cacheFolder: folder.path,
    offline: true,
    notify: () => {},
  };
  const generator = { size: 6, train: 30, test: 5 };
  const config = maze.config.parse({ source: { generator } });
  const { signal } = new AbortController();
  const built = async (source: DatasetSource, target: string) =>
    writeDataset(path.join(folder.path, target), contentOf(source, signal));
  const dataset = await built(maze.create(config, services) as DatasetSource, 'arrow');
  const out = path.join(folder.path, 'out');
  await writeReferenceFolder(dataset, out, signal);
  const split = await dataset.open('train');

  const train = path.join(out, 'train');
  const read = JSON.parse(execFileSync(python, ['-c', READ, train], { encoding: 'utf8' }));
  expect(read).toEqual({
    inputs: ['uint8', [30, 36], [...split.inputs]],
    labels: ['uint8', [30, 36], [...split.labels]],
    puzzle_identifiers: ['int32', [30], [...split.puzzleIdentifiers]],
    puzzle_indices: ['int32', [31], [...split.puzzleIndices]],
    group_indices: ['int32', [31], [...split.groupIndices]],
  });

  execFileSync(python, ['-c', WRITE, train]);
  const folderConfig = referenceFolder.config.parse({ folder: out });
  const again = await referenceFolder.create(folderConfig, { configFolder: folder.path });
  const reread = await (await built(again as DatasetSource, 'again')).open('train');
  expect(reread).toEqual({ ...split, ratings: null });
});
