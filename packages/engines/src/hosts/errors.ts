/** Errors of runs over several hosts. */
import { EddyError } from '@eddy/core';

export function coordinatorUnknown(rankVariable: string): EddyError {
  return new EddyError({
    code: 'COORDINATOR_UNKNOWN',
    message: 'this process is one of several, and does not know where the first of them is',
    at: rankVariable,
    expected: '`host:port` in EDDY_COORDINATOR',
    received: 'nothing',
    fix: 'export EDDY_COORDINATOR=<host of rank 0>:<free port> to all processes',
    exitCode: 2,
  });
}
