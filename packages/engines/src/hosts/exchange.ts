/** What an exchange makes of the hosts' values. */
import type { HostTensor } from '@eddy/tensor';

import type { Exchange } from '@eddy/compiler/engine';
import { joinParts } from './hosts-tree.ts';

/** In the order of the hosts, so that the same number of them gives the same bits. */
export function exchanged(kind: Exchange['kind'], values: readonly HostTensor[]): HostTensor {
  return joinParts(values, kind === 'gather' ? 0 : 'sum');
}
