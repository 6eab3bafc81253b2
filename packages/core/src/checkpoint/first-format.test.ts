/** A checkpoint as it was written before checkpoints recorded their model. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { findCheckpoint, listTrainings, runFolderOf } from './find-checkpoint.ts';

const MANIFEST = `{
  "format": "eddy-checkpoint/1",
  "step": 4,
  "epoch": 2,
  "stateHash": "55390399a0c91fe3153820448813a230ed2d06a2ce239f87959e7e47d5e512dd",
  "metadata": {
    "endsIteration": true
  },
  "files": {
    "state.safetensors": {
      "bytes": 88,
      "sha256": "6225bfc41e8666db4b30b1d733ac669921911d9bc2cc8026a21bf2200c1292a8"
    }
  },
  "sha256": "41bd02b2fdb36d9da1c0f32b4826840e7ca9af4896b0fd91bf9f118346b75fa2"
}
`;
const STATE =
  'SAAAAAAAAAB7InBhcmFtZXRlcnMvdyI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6' +
  'WzAsOF19fSAgICAgICAAAMA/AAAAwA==';

const run = freshFolder();

it('is read, and names neither its model nor its training', async () => {
  const checkpoints = join(run.path, 'checkpoints');
  const folder = join(checkpoints, 'step-00000004');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'manifest.json'), MANIFEST);
  await writeFile(join(folder, 'state.safetensors'), Buffer.from(STATE, 'base64'));
  await writeFile(join(run.path, 'manifest.json'), '{"format":"eddy-run/1"}');
  const { state, manifest } = await findCheckpoint(run.path, { warn: expect.unreachable });
  expect([...state['parameters/w']!.data]).toEqual([1.5, -2]);
  expect(manifest).toMatchObject({ step: 4, epoch: 2, model: null, training: null });
  expect(await listTrainings(checkpoints, expect.unreachable)).toMatchObject([
    { name: undefined, step: 4, training: undefined },
  ]);
  expect(await runFolderOf(folder)).toBe(run.path);
});
