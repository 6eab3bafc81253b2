/** The TF.js backends that need nothing outside npm. */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';

import { findBackend, setBackend, version_core } from '@tensorflow/tfjs-core';

import '@eddy/tfjs';

export type EagerBackend = 'wasm' | 'cpu';

/** Starts a backend and makes it TF.js's current one. */
export async function startBackend(name: EagerBackend): Promise<void> {
  if (name === 'wasm') {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    if ((findBackend('wasm') as unknown) === null) {
      const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
      setWasmPaths(`${dirname(main)}${sep}`);
    }
  }
  if (name === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  await setBackend(name);
  // TF.js advertises another backend at the first use of this one.
  if (name === 'cpu') Object.assign(findBackend('cpu'), { firstUse: false });
}

export function backendVersion(): string {
  return `TF.js ${version_core}`;
}
