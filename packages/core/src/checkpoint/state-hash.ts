/** One number for a whole state: equal hashes mean equal bits. */
import { createHash } from 'node:crypto';

import { piecesOf } from '../files/pieces.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { bytesOfTensor } from './safetensors.ts';

/** sha256 over the tensors in the order of their names: name, dtype, shape, bytes. */
export function stateHash(tree: HostTree): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(tree).sort()) {
    const tensor = tree[name]!;
    hash.update(JSON.stringify([name, tensor.dtype, tensor.shape]));
    for (const piece of piecesOf(bytesOfTensor(tensor, name))) hash.update(piece);
  }
  return hash.digest('hex');
}
