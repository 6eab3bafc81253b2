/** The runs below a folder, with how they stand: `pipeline runs`. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { readInputSync } from '../files/input-file.ts';
import { readBest, type BestCheckpoint } from '../checkpoint/best.ts';
import { EddyError } from '@eddy/tensor/errors';
import { evaluationSet } from './evaluation-set.ts';
import type { RunError, RunEvent } from '../contracts/events.ts';
import { fromJson } from './json.ts';
import { isRunLocked } from './lock.ts';
import { openRunFolder, type RunFolder } from './run-folder.ts';

type Of<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

export interface RunStanding {
  readonly path: string;
  readonly name: string;
  /** ISO 8601 */
  readonly startedAt: string;
  /** `interrupted`: ended without a word, for instance killed; it can be resumed. */
  readonly status: 'running' | 'done' | 'failed' | 'stopped' | 'interrupted';
  readonly error?: RunError;
  readonly step?: number;
  readonly totalSteps?: number;
  /** The last one; `split` as in curves: `test (average)`. */
  readonly evaluation?: Pick<Of<'evaluation-finished'>, 'step' | 'split' | 'metrics'>;
  /** The best checkpoint of its last training, and by what. */
  readonly best?: BestCheckpoint;
}

/** Oldest first; folders that are no runs are passed over. */
export async function listRuns(root: string): Promise<RunStanding[]> {
  const folders = existsSync(root) ? readdirSync(root, { withFileTypes: true }) : [];
  const standings: RunStanding[] = [];
  for (const entry of folders) {
    const path = join(resolve(root), entry.name);
    if (!entry.isDirectory() || !existsSync(join(path, 'manifest.json'))) continue;
    try {
      standings.push(await standingOf(await openRunFolder(path)));
    } catch (error) {
      // A folder with another manifest, such as a checkpoint, is no run.
      if (!(error instanceof EddyError)) throw error;
    }
  }
  return standings.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

async function standingOf(run: RunFolder): Promise<RunStanding> {
  const { name, startedAt } = run.manifest;
  const lines = existsSync(run.journalPath)
    ? readInputSync(run.journalPath).toString('utf8').split('\n')
    : [];
  const started = lastOf(lines, 'run-started');
  const finished = lastOf(lines, 'run-finished');
  const hasEnded = finished !== undefined && finished.line > (started?.line ?? -1);
  const step = lastOf(lines, 'step-finished')?.event;
  const evaluation = lastOf(lines, 'evaluation-finished')?.event;
  const best = await readBest(join(run.checkpointsPath, step?.label ?? ''));
  const locked = !hasEnded && (await isRunLocked(run.lockPath));
  return {
    path: run.path,
    name,
    startedAt,
    status: hasEnded ? finished.event.status : locked ? 'running' : 'interrupted',
    ...(hasEnded && finished.event.error !== undefined ? { error: finished.event.error } : {}),
    ...(step === undefined ? {} : { step: step.step, totalSteps: step.totalSteps }),
    ...(evaluation === undefined
      ? {}
      : {
          evaluation: {
            step: evaluation.step,
            split: evaluationSet(evaluation),
            metrics: evaluation.metrics,
          },
        }),
    ...(best === undefined ? {} : { best }),
  };
}

/** The last event of a type; only its line is parsed, because a journal may have a million. */
function lastOf<T extends RunEvent['type']>(
  lines: readonly string[],
  type: T,
): { readonly event: Of<T>; readonly line: number } | undefined {
  const mark = `"type":"${type}"`;
  for (let line = lines.length - 1; line >= 0; line--) {
    if (!lines[line]!.includes(mark)) continue;
    try {
      const event = fromJson(lines[line]!) as RunEvent;
      if (event.type === type) return { event: event as Of<T>, line };
    } catch {
      // A torn last line of a run that was killed or is writing.
    }
  }
  return undefined;
}
