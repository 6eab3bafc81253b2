/** State dicts of PyTorch, read and written: `EDDY_PYTHON` names a Python that has it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { freshFolder } from '@eddy/core/testing';
import { readTorchFile, writeTorchFile } from '@eddy/interop';
import { expect, it } from 'vitest';

const python = process.env['EDDY_PYTHON'] ?? 'python3';

function skipWithoutTorch(skip: (reason: string) => void): void {
  if (spawnSync(python, ['-c', 'import torch']).status === 0) return;
  skip(`${python} has no torch (pip install torch, or set EDDY_PYTHON)`);
}

const WRITE = `
import json, sys, torch
from torch import nn
torch.manual_seed(1)
class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(5, 7), nn.Embedding(3, 4), nn.LayerNorm(6))
        self.register_buffer("H_init", torch.randn(5).to(torch.bfloat16))
state = Small().state_dict()
base = torch.arange(24)
state["transposed"] = base.reshape(4, 6).float().t()
state["strided"] = base.double()[3::5]
state["expanded"] = torch.randn(1, 3).expand(1, 3)
state["scalar"] = torch.tensor(7, dtype=torch.int32)
state["empty"] = torch.empty(0, 3)
state["tied"] = state["inner.0.weight"]
state["parameter"] = nn.Parameter(torch.randn(2, 2))
for dtype in ["float16", "bfloat16", "int64", "int16", "int8", "uint8", "bool"]:
    state[dtype] = (torch.randn(9) * 50).to(getattr(torch, dtype))
torch.save(state, sys.argv[1])
def raw(t):
    t = t.detach().contiguous()
    return bytes(t.reshape(-1).view(torch.uint8).tolist()).hex() if t.numel() else ""
json.dump([[k, list(v.shape), str(v.dtype), raw(v)] for k, v in state.items()], sys.stdout)
`;

const DTYPES: Record<string, string> = {
  'torch.float64': 'F64',
  'torch.float32': 'F32',
  'torch.float16': 'F16',
  'torch.bfloat16': 'BF16',
  'torch.int64': 'I64',
  'torch.int32': 'I32',
  'torch.int16': 'I16',
  'torch.int8': 'I8',
  'torch.uint8': 'U8',
  'torch.bool': 'BOOL',
};

it('every tensor of a state dict is read as PyTorch wrote it', async ({ skip }) => {
  skipWithoutTorch(skip);

  const file = join(folder.path, 'step_100');
  const written = JSON.parse(execFileSync(python, ['-c', WRITE, file], { encoding: 'utf8' })) as [
    string,
    number[],
    string,
    string,
  ][];
  expect(written.length).toBe(20);
  const { tensors } = await readTorchFile(file);
  const read = [...tensors].map(([name, { shape, dtype, bytes }]) => [
    name,
    shape,
    dtype,
    Buffer.from(bytes).toString('hex'),
  ]);
  expect(read).toEqual(
    written.map(([name, shape, dtype, hex]) => [name, shape, DTYPES[dtype], hex]),
  );
});

const LOAD = `
import json, sys, torch
state = torch.load(sys.argv[1], weights_only=True)
mapped = torch.load(sys.argv[1], weights_only=True, mmap=True)
assert all(torch.equal(mapped[k].nan_to_num(), v.nan_to_num()) for k, v in state.items())
json.dump([[k, list(v.shape), str(v.dtype), v.float().flatten().tolist()] for k, v in state.items()], sys.stdout)
`;

const folder = freshFolder();

it('PyTorch loads every tensor of a state dict that we wrote', async ({ skip }) => {
  skipWithoutTorch(skip);

  const file = join(folder.path, 'step_100');
  await writeTorchFile(
    file,
    {
      'model.weight': {
        shape: [2, 2],
        dtype: 'float32',
        data: Float32Array.of(1, -0.1, 3e-39, 7),
      },
      'model.H_init': { shape: [2], dtype: 'float32', data: Float32Array.of(0.5, -1.75) },
      steps: { shape: [1], dtype: 'int32', data: Int32Array.of(-5) },
      halted: { shape: [3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) },
      empty: { shape: [0, 2], dtype: 'float32', data: new Float32Array(0) },
    },
    { bfloat16: (name) => name === 'model.H_init' },
  );
  expect(JSON.parse(execFileSync(python, ['-c', LOAD, file], { encoding: 'utf8' }))).toEqual([
    ['model.weight', [2, 2], 'torch.float32', [1, Math.fround(-0.1), Math.fround(3e-39), 7]],
    ['model.H_init', [2], 'torch.bfloat16', [0.5, -1.75]],
    ['steps', [1], 'torch.int32', [-5]],
    ['halted', [3], 'torch.bool', [1, 0, 1]],
    ['empty', [0, 2], 'torch.float32', []],
  ]);
});
