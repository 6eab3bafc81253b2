/** The record of what was asked of a run from the page: `actions.jsonl` in its folder. */
import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;

export interface RecordedAction {
  readonly action: 'stop' | 'save' | 'resume';
  /** Of the process that was told or started. */
  readonly pid: number;
}

/** Writes before it is done, so that nothing happens unrecorded. */
export function recordAction(runPath: string, action: RecordedAction): void {
  const fd = openForAppend(join(runPath, 'actions.jsonl'));
  try {
    const at = new Date().toISOString();
    writeSync(fd, `${JSON.stringify({ at, by: 'pipeline ui', ...action })}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A file of the run folder itself, not one that a link there leads to. */
export function openForAppend(path: string): number {
  return openSync(path, O_APPEND | O_CREAT | O_WRONLY | (O_NOFOLLOW ?? 0), 0o644);
}
