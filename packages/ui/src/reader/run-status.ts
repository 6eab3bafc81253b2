/** How a run stands, from its last word and its lock. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { isRunLocked } from '@eddy/core/report';

import type { RunStatus } from '../api/runs.ts';

/** @param ended  the status of its last `run-finished`, if no `run-started` came after it */
export async function statusOf(
  runPath: string,
  ended: 'done' | 'failed' | 'stopped' | undefined,
): Promise<RunStatus> {
  if (ended === 'done' || ended === 'failed' || ended === 'stopped') return ended;
  if (await isRunLocked(join(runPath, 'lock'))) return 'running';
  return existsSync(join(runPath, 'journal.jsonl')) ? 'interrupted' : 'waiting';
}
