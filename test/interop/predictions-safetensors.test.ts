/** Dumps of predictions read by the safetensors of Python: `EDDY_PYTHON` names a Python that has it. */
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';

import { SafetensorsRows } from '@eddy/core/checkpoint';
import { freshFolder } from '@eddy/core/testing';
import { expect, it } from 'vitest';

const python = process.env['EDDY_PYTHON'] ?? 'python3';

const READ = `
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], "numpy") as file:
    tensors = {name: file.get_tensor(name) for name in file.keys()}
    print(json.dumps({
        "about": file.metadata(),
        "tensors": {n: [str(t.dtype), list(t.shape), t.ravel().tolist()] for n, t in tensors.items()},
    }))
`;

const folder = freshFolder();

it('numpy reads every row', async ({ skip }) => {
  if (spawnSync(python, ['-c', 'import safetensors, numpy']).status !== 0) {
    skip(`${python} has no safetensors (pip install safetensors numpy, or set EDDY_PYTHON)`);
  }

  const file = path.join(folder.path, 'predictions.safetensors');
  const rows = new SafetensorsRows(file);
  const batch = (first: number) => ({
    preds: {
      ...{ shape: [2, 3], dtype: 'int32' as const },
      data: Int32Array.from({ length: 6 }, (_, i) => first * 3 + i),
    },
    q_halt_logits: {
      ...{ shape: [2], dtype: 'float32' as const },
      data: Float32Array.of(first + 0.5, first + 1.5),
    },
  });
  rows.append(batch(0), 2);
  rows.append(batch(2), 1); // the second row is padding
  await rows.finish({ step: '12' });
  const read = execFileSync(python, ['-c', READ, file], { encoding: 'utf8' });
  expect(JSON.parse(read)).toEqual({
    about: { step: '12' },
    tensors: {
      preds: ['int32', [3, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8]],
      q_halt_logits: ['float32', [3], [0.5, 1.5, 2.5]],
    },
  });
});
