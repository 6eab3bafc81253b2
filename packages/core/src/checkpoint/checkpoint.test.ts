import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import type { HostTree } from '@eddy/tensor/spec';
import { freshFolder } from '../testing/fresh-folder.ts';
import {
  latestCheckpoint,
  listCheckpoints,
  loadCheckpoint,
  saveCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts';
import { stateHash } from './state-hash.ts';

const parent = freshFolder();
let folder: string;
beforeEach(() => {
  folder = join(parent.path, 'checkpoints');
});

const stateOf = (step: number): HostTree => ({
  'parameters/w': { shape: [2, 2], dtype: 'float32', data: Float32Array.of(step, NaN, -0, 1e-40) },
  'carry/steps': { shape: [3], dtype: 'int32', data: Int32Array.of(step, 0, 7) },
  'carry/halted': { shape: [2], dtype: 'bool', data: Uint8Array.of(1, 0) },
});
const save = (step: number, keepLast = 3, kept: number[] = []) =>
  saveCheckpoint(
    folder,
    { step, epoch: step / 10, state: stateOf(step), metadata: { cursor: { row: step } } },
    {
      keepLast,
      keeps: (older, { cursor }) =>
        kept.includes(older) && (cursor as { row: number }).row === older,
    },
  );
const steps = async () => (await listCheckpoints(folder)).map(({ step }) => step);

describe('saveCheckpoint and loadCheckpoint', () => {
  it('give back what was saved, bit for bit', async () => {
    const saved = await save(20);
    expect(saved.path).toBe(join(folder, 'step-00000020'));
    const { manifest, state } = await loadCheckpoint(saved.path);
    expect(manifest).toMatchObject({ step: 20, epoch: 2, metadata: { cursor: { row: 20 } } });
    expect(stateHash(state)).toBe(stateHash(stateOf(20)));
    expect(stateHash(state)).toBe(saved.stateHash);
    expect(readdirSync(folder)).toEqual(['step-00000020']);
  });

  it('writes sums that sha256sum confirms', async () => {
    const { path } = await save(1);
    const { files } = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'));
    const sum = execFileSync('sha256sum', [join(path, 'state.safetensors')], { encoding: 'utf8' });
    expect(files['state.safetensors'].sha256).toBe(sum.slice(0, 64));
  });

  it('prunes the oldest, but never the ones to keep', async () => {
    for (const step of [10, 20, 30, 40, 50]) await save(step, 2, [20]);
    expect(await steps()).toEqual([20, 40, 50]);
  });

  it('replaces the checkpoint of the same step', async () => {
    await save(10);
    const changed = { ...stateOf(10), extra: stateOf(11)['parameters/w']! };
    await saveCheckpoint(folder, { step: 10, epoch: 1, state: changed, metadata: {} });
    const latest = await latestCheckpoint(folder, expect.unreachable);
    expect(stateHash(latest!.state)).toBe(stateHash(changed));
    expect(readdirSync(folder)).toEqual(['step-00000010']);
  });

  it('finds the old one when a replacement was cut short', async () => {
    const { path } = await save(10);
    renameSync(path, join(folder, 'replaced-step-00000010'));
    expect((await latestCheckpoint(folder, expect.unreachable))!.manifest.step).toBe(10);
    await save(10);
    expect(await steps()).toEqual([10, 10]);
    await save(11);
    expect(await steps()).toEqual([10, 11]);
  });

  it('refuses a copy under the name of another step, and takes the last good one', async () => {
    const { path } = await save(10);
    const copy = join(folder, 'step-00000020');
    cpSync(path, copy, { recursive: true });
    await expect(loadCheckpoint(copy)).rejects.toMatchObject({
      code: 'CHECKPOINT_DAMAGED',
      facts: {
        at: join(copy, 'manifest.json'),
        expected: 'step 20, as its folder is named',
        received: 'step 10',
      },
    });
    const said: string[] = [];
    expect((await latestCheckpoint(folder, (text) => said.push(text)))!.path).toBe(path);
    expect(said).toHaveLength(2);
  });

  it('removes what a killed writer left', async () => {
    mkdirSync(join(folder, '.tmp-step-00000005'), { recursive: true });
    writeFileSync(join(folder, '.tmp-step-00000005', 'state.safetensors'), 'half');
    await save(10);
    expect(readdirSync(folder)).toEqual(['step-00000010']);
  });

  it('says what could not be written and keeps the earlier ones', async () => {
    await save(10);
    const blocked = join(folder, 'file');
    writeFileSync(blocked, '');
    const contents = { step: 1, epoch: 0, state: stateOf(1), metadata: {} };
    await expect(saveCheckpoint(join(blocked, 'sub'), contents)).rejects.toMatchObject({
      code: 'CHECKPOINT_WRITE_FAILED',
      facts: {
        expected: '30 bytes to write',
        received: expect.stringContaining('ENOTDIR') as string,
      },
    });
    expect((await latestCheckpoint(folder, expect.unreachable))!.manifest.step).toBe(10);
  });
});

describe('latestCheckpoint', () => {
  it('is null where there is none', async () => {
    expect(await latestCheckpoint(folder, expect.unreachable)).toBeNull();
  });

  it.each([
    ['a longer state', (path: string) => appendFileSync(join(path, 'state.safetensors'), 'x')],
    ['a shorter state', (path: string) => truncateSync(join(path, 'state.safetensors'), 40)],
    ['no state', (path: string) => rmSync(join(path, 'state.safetensors'))],
    ['no manifest', (path: string) => rmSync(join(path, 'manifest.json'))],
    [
      'a changed manifest',
      (path: string) => {
        const file = join(path, 'manifest.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace('"row": 20', '"row": 21'));
      },
    ],
  ])('passes over one with %s and names it', async (_name, damage) => {
    await save(10);
    const { path } = await save(20);
    damage(path);
    const warnings: string[] = [];
    const checkpoint = await latestCheckpoint(folder, (text) => warnings.push(text));
    expect(checkpoint!.manifest.step).toBe(10);
    expect(warnings[0]).toContain(path);
    expect(warnings[1]).toContain('step 10');
  });

  it('refuses to start over when all are damaged', async () => {
    const { path } = await save(10);
    rmSync(join(path, 'manifest.json'));
    await expect(latestCheckpoint(folder, () => undefined)).rejects.toMatchObject({
      code: 'CHECKPOINT_NONE_GOOD',
    });
    expect(existsSync(path)).toBe(true);
  });
});

describe('stateHash', () => {
  it('sees names, shapes, dtypes and every bit, not the order', () => {
    const { 'parameters/w': w, ...rest } = stateOf(1);
    const hash = stateHash({ ...rest, 'parameters/w': w! });
    expect(hash).toBe(stateHash(stateOf(1)));
    const data = Float32Array.from(w!.data);
    data[2] = 0; // was −0
    expect(stateHash({ ...rest, 'parameters/w': { ...w!, data } })).not.toBe(hash);
    expect(stateHash({ ...rest, 'parameters/w': { ...w!, shape: [4] } })).not.toBe(hash);
    expect(stateHash({ ...rest, 'parameters/v': w! })).not.toBe(hash);
  });
});

it('leaves what belongs to others where an average is written', async () => {
  const root = join(folder, '..');
  for (const name of ['.tmp-notes', '.tmp-average', 'replaced-plan', 'plan']) {
    mkdirSync(join(root, name));
  }
  await writeCheckpoint(join(root, 'average'), {
    step: 1,
    epoch: 0,
    state: stateOf(1),
    metadata: {},
  });
  expect(readdirSync(root).sort()).toEqual(['.tmp-notes', 'average', 'plan', 'replaced-plan']);
});
