/** The runs below a folder, with how they stand: `pipeline runs`. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { damageOf } from '../record/damage.ts';
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

/**
 * Returns the run that a folder is, or those in it, oldest first; folders that are no runs are passed over.
 *
 * @param warn  told of each file of a run that cannot be read
 */
export async function listRuns(
  root: string,
  warn: (text: string) => void = () => undefined,
): Promise<RunStanding[]> {
  const folders = existsSync(root) ? readdirSync(root, { withFileTypes: true }) : [];
  const inside = folders.filter((entry) => entry.isDirectory()).map(({ name }) => join(root, name));
  const standings: RunStanding[] = [];
  for (const path of [root, ...inside].map((folder) => resolve(folder))) {
    const told: string[] = [];
    const tell = (text: string) => (told.push(text), warn(text));
    try {
      standings.push(await standingOf(await openRunFolder(path), tell));
      for (const { file, text } of await damageOf(path)) {
        if (!told.some((earlier) => earlier.includes(join(path, file)))) warn(text);
      }
    } catch (error) {
      if (!(error instanceof EddyError)) throw error;
      // A folder with another manifest, such as a checkpoint, is no run.
      if (existsSync(join(path, 'journal.jsonl')) && existsSync(join(path, 'config.yml'))) {
        warn(
          `a run is left out of the list: ${error.facts.message}: ${error.facts.at} ` +
            `(expected ${error.facts.expected}, received ${error.facts.received})`,
        );
      }
    }
  }
  return standings.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

/** Returns true where the end of a run's journal has no events of what the run has saved, or lines that are none. */
export function isJournalDamaged({
  journalPath,
  checkpointsPath,
}: Pick<RunFolder, 'journalPath' | 'checkpointsPath'>): boolean {
  const { step, isDamaged } = readJournalEnd(journalPath);
  // The steps before a checkpoint are written before it.
  return isDamaged || (step === undefined && existsSync(checkpointsPath));
}

async function standingOf(run: RunFolder, warn: (text: string) => void): Promise<RunStanding> {
  const { name, startedAt } = run.manifest;
  const { finished, step, evaluation } = readJournalEnd(run.journalPath);
  if (isJournalDamaged(run)) {
    warn(
      `the journal of a run is damaged or missing, so its status is a guess: ${run.journalPath}`,
    );
  }
  const best = await readBest(join(run.checkpointsPath, step?.label ?? ''), warn);
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
