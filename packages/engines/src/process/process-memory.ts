import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

import type { MemoryStats } from '@eddy/core';

/** Of a machine's memory. The rest is for the process that feeds this one, and for others. */
const USABLE_PART = 0.5;

/** Memory of this process: what an engine on the CPU uses, its programs' scratch included. */
export function processMemory(): MemoryStats {
  const usage = process.memoryUsage.rss();
  const peak = statusKilobytes('VmHWM');
  // 0 where no limit is set; on some kernels "no limit" is a number near 2^63.
  const constrained = process.constrainedMemory();
  const limit = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return {
    bytesInUse: usage,
    limitBytes: limit,
    usableBytes: USABLE_PART * limit,
    ...(peak !== undefined && { peakBytes: peak * 1024 }),
  };
}

/** A line of /proc/self/status, e.g. `VmHWM:   123456 kB`; undefined off Linux. */
function statusKilobytes(field: string): number | undefined {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status);
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}
