/**
 * Pickles of CPython's own pickler, protocols 0 to 5, as `data.pkl` of a PyTorch file and bare, and damaged copies: each
 * is refused with one type of error, and nothing runs. Hand-made attacks and archives: `hostile-files.test.ts`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { randomStream } from '@eddy/core';
import { sharedFolder } from '@eddy/core/testing';
import { readTorchFile } from '@eddy/interop';
import { expect, it } from 'vitest';

import { torchFileOf } from '../../packages/interop/src/testing/crafted-files.ts';
import { count } from '../counts.ts';
import { mutate } from './mutate.ts';
import { runOracle, skipWithout, unpacked } from './python-oracle.ts';

const MUTANTS = count(1_000, 20_000);
const folder = sharedFolder();

async function verdict(bytes: Buffer): Promise<'read' | 'refused'> {
  const path = join(folder.path, 'x.pt');
  writeFileSync(path, bytes);
  try {
    await readTorchFile(path);
    return 'read';
  } catch (error) {
    const { code, facts } = error as { code?: string; facts?: { at?: string } };
    if (code !== 'TORCH_FILE_REFUSED') throw error;
    expect(facts?.at).toContain(path);
    return 'refused';
  }
}

it(`refuses what CPython pickles, and ${MUTANTS} damaged copies`, async ({ skip }) => {
  skipWithout(skip, ['pickle']);
  const [attacks, proof] = [join(folder.path, 'attacks'), join(folder.path, 'executed')];
  runOracle('pickles.py', [attacks, proof]);
  const pickles = unpacked(readFileSync(attacks));
  expect(pickles.length).toBeGreaterThan(200);
  const data = { 0: new Uint8Array(24) };
  for (const [i, pickle] of pickles.entries()) {
    expect(await verdict(torchFileOf(pickle, data)), `pickle ${i}`).toBe('refused');
    expect(await verdict(pickle), `bare pickle ${i}`).toBe('refused');
  }
  const random = randomStream(20).stream('pickles');
  for (let i = 0; i < MUTANTS; i++) {
    const stream = random.stream(i);
    const damaged = mutate(pickles[stream.integer(pickles.length)]!, stream);
    // An empty dict is a state dict without tensors, and nothing else of these is one.
    await verdict(torchFileOf(damaged, data));
  }
  expect(existsSync(proof)).toBe(false);
  expect(Object.keys(Object.prototype)).toEqual([]);
  console.log(`pickles: ${pickles.length} of CPython, each in a file and bare, ${MUTANTS} damaged`);
});
