/** What an exchange makes of the hosts' values. */
import type { HostTensor } from '@eddy/core';

import type { Exchange } from '../passes/cut-at-exchanges.ts';
import { joinParts } from './hosts-tree.ts';

/** In the order of the hosts, so that the same number of them gives the same bits. */
export function exchanged(kind: Exchange['kind'], values: readonly HostTensor[]): HostTensor {
  return kind === 'gather' ? joinParts(values, 0) : sumOf(values);
}

/** Float32. */
function sumOf([first, ...others]: readonly HostTensor[]): HostTensor {
  const data = first!.data as Float32Array;
  for (const other of others) {
    const addend = other.data as Float32Array;
    for (let i = 0; i < data.length; i++) data[i]! += addend[i]!;
  }
  return { ...first!, data };
}
