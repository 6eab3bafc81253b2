/** The runs below a folder, with how they stand: `pipeline runs`. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { readBest, type BestCheckpoint } from '../checkpoint/best.ts';
import { EddyError } from '@eddy/tensor/errors';
import { evaluationSet } from './evaluation-set.ts';
import type { RunError, RunEvent } from '../contracts/events.ts';
import { readJournalEnd, readMetricDescriptions } from './journal-end.ts';
import { isRunLocked } from './lock.ts';
import { isShare } from './metric.ts';
import { openRunFolder, type RunFolder } from './run-folder.ts';

type Of<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

export interface RunStanding {
  readonly path: string;
  readonly name: string;
  /** ISO 8601 */
  readonly startedAt: string;
  /**
   * `waiting`: made and not started, as a trial of a sweep whose turn has not come. `interrupted`: ended without a
   * word, for instance killed; it can be resumed.
   */
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'stopped' | 'interrupted';
  readonly error?: RunError;
  readonly step?: number;
  readonly totalSteps?: number;
  /** The last one; `split` as in curves: `test (average)`. */
  readonly evaluation?: Pick<Of<'evaluation-finished'>, 'step' | 'split' | 'metrics'>;
  /** The best checkpoint of its last training, and by what. */
  readonly best?: BestCheckpoint & { /** Shown in percent. */ readonly isShare: boolean };
}

/** Returns the run that a folder is, or those in it, oldest first; folders that are no runs are passed over. */
export async function listRuns(root: string): Promise<RunStanding[]> {
  const folders = existsSync(root) ? readdirSync(root, { withFileTypes: true }) : [];
  const inside = folders.filter((entry) => entry.isDirectory()).map(({ name }) => join(root, name));
  const standings: RunStanding[] = [];
  for (const path of [root, ...inside].map((folder) => resolve(folder))) {
    if (!existsSync(join(path, 'manifest.json'))) continue;
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
  const { finished, step, evaluation } = readJournalEnd(run.journalPath);
  const best = await readBest(join(run.checkpointsPath, step?.label ?? ''));
  const locked = finished === undefined && (await isRunLocked(run.lockPath));
  return {
    path: run.path,
    name,
    startedAt,
    status:
      finished?.status ??
      (locked ? 'running' : existsSync(run.journalPath) ? 'interrupted' : 'waiting'),
    ...(finished?.error === undefined ? {} : { error: finished.error }),
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
    ...(best === undefined
      ? {}
      : {
          best: { ...best, isShare: isShare(best.metric, readMetricDescriptions(run.journalPath)) },
        }),
  };
}
