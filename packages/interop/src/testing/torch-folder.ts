import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from 'vitest';

import { readTorchFile } from '../torch/read-torch-file.ts';

/** A folder for the tests of a file, gone after them, and a reader of bytes as of a file in it. */
export function torchFolder() {
  const path = mkdtempSync(join(tmpdir(), 'eddy-torch-'));
  afterAll(() => rmSync(path, { recursive: true }));
  return {
    path,
    readBytes: (bytes: Uint8Array) => {
      const file = join(path, 'step_1');
      writeFileSync(file, bytes);
      return readTorchFile(file);
    },
  };
}
