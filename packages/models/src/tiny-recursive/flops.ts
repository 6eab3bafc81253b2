import type { Level } from '../network/level.ts';

/**
 * Operations of a supervision step: hCycles·(lCycles + 1) applications of the network, of which the
 * last cycle's are differentiated.
 */
export function recursionFlops(
  level: Level,
  { hCycles, lCycles }: { readonly hCycles: number; readonly lCycles: number },
  batchSize: number,
): { forward: number; differentiated: number } {
  const cycle = (lCycles + 1) * level.flops(batchSize);
  return { forward: hCycles * cycle, differentiated: cycle };
}
