import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An accelerator for which a PJRT plugin exists that Eddy neither fetches nor has run. */
export interface Accelerator {
  /** For people: `AMD GPU`. */
  readonly name: string;
  /** The Python package that holds its plugin. */
  readonly package: string;
}

const AMD = { name: 'AMD GPU', package: 'jax-rocm7-pjrt' };
const INTEL = { name: 'Intel GPU', package: 'jax-oneapi-pjrt' };
const TPU = { name: 'Google TPU', package: 'libtpu' };

/** Vendors of PCI devices, by the number that the kernel shows. */
const GPU_VENDORS: Readonly<Record<string, Accelerator>> = { '0x1002': AMD, '0x8086': INTEL };

/**
 * Finds GPUs of AMD and Intel and Google's TPUs by what the kernel shows of them, without loading a driver.
 *
 * @param root  the folder that holds `dev` and `sys`; `/` but in tests.
 */
export function findAccelerators(root = '/'): readonly Accelerator[] {
  const found = new Set<Accelerator>();
  for (const card of entriesOf(join(root, 'sys/class/drm'))) {
    if (!/^card\d+$/.test(card)) continue;
    const gpu = GPU_VENDORS[contentsOf(join(root, 'sys/class/drm', card, 'device/vendor'))];
    if (gpu !== undefined) found.add(gpu);
  }
  if (entriesOf(join(root, 'dev')).some((name) => /^accel\d+$/.test(name))) found.add(TPU);
  return [...found];
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function contentsOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
