/** One number for a whole state: equal hashes mean equal bits. */
import { createHash } from 'node:crypto';

import type { HostTree } from '../tensor/spec.ts';
import { bytesOfTensor } from './safetensors.ts';

const CHUNK_BYTES = 2 ** 30;

/** sha256 over the tensors in the order of their names: name, dtype, shape, bytes. */
export function stateHash(tree: HostTree): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(tree).sort()) {
    const tensor = tree[name]!;
    hash.update(JSON.stringify([name, tensor.dtype, tensor.shape]));
    const bytes = bytesOfTensor(tensor, name);
    // Node refuses more than 2 GiB at once; the puzzle table of ARC has more.
    for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) {
      hash.update(bytes.subarray(offset, offset + CHUNK_BYTES));
    }
  }
  return hash.digest('hex');
}
