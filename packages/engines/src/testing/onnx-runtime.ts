/** Runs exported models in ONNX Runtime, many at once, by the Python that `EDDY_PYTHON` names. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readHostTree, writeSafetensors } from '@eddy/core/checkpoint';
import { type HostTree } from '@eddy/tensor';

const SCRIPT = join(import.meta.dirname, 'onnx-runtime.py');

const python = process.env['EDDY_PYTHON'] ?? 'python3';

/** Why ONNX Runtime cannot judge here; undefined where it can. */
export function onnxRuntimeGap(): string | undefined {
  const { status } = spawnSync(python, ['-c', 'import onnx, onnxruntime, safetensors']);
  return status === 0
    ? undefined
    : `${python} has no onnx, onnxruntime and safetensors (pip install them, or set EDDY_PYTHON)`;
}

export async function writeOnnxCase(
  folder: string,
  name: string,
  model: Uint8Array,
  inputs: HostTree,
): Promise<void> {
  await writeFile(join(folder, `${name}.onnx`), model);
  await writeSafetensors(join(folder, `${name}.inputs.safetensors`), inputs);
}

/** Checks and runs all models of the folder. */
export function runOnnxCases(folder: string): void {
  execFileSync(python, [SCRIPT, folder], { encoding: 'utf8', maxBuffer: 1 << 26 });
}

/** The outputs of a case. @throws Error with what onnx.checker or ONNX Runtime said. */
export async function readOnnxOutputs(folder: string, name: string): Promise<HostTree> {
  const error = join(folder, `${name}.error`);
  if (existsSync(error)) throw new Error(readFileSync(error, 'utf8').slice(0, 600));
  return readHostTree(join(folder, `${name}.outputs.safetensors`));
}
