/** One number for a whole state: equal hashes mean equal bits. */
import { createHash } from 'node:crypto';

import type { HostTree } from '../tensor/spec.ts';
import { bytesOfTensor } from './safetensors.ts';

/** sha256 over the tensors in the order of their names: name, dtype, shape, bytes. */
export function stateHash(tree: HostTree): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(tree).sort()) {
    const tensor = tree[name]!;
    hash.update(JSON.stringify([name, tensor.dtype, tensor.shape]));
    hash.update(bytesOfTensor(tensor, name));
  }
  return hash.digest('hex');
}
