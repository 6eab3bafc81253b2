/** What the journal of a run tells of a training that the run reuses: a run that was stopped goes on behind that. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { readJournal } from '../run/journal.ts';

/** Name of a run's journal in its folder. */
export const JOURNAL_FILE = 'journal.jsonl';

export interface JournaledTraining {
  /** True if the last step in the journal is one of this training, and another run did it. */
  readonly isReused: boolean;
  readonly isPlanned: boolean;
  /** Of the last step that is told; 0 where none is. */
  readonly step: number;
  /** Of the last update of the monitor; 0 where there is none. */
  readonly monitoredStep: number;
  /** Folders of the evaluations of the run. */
  readonly evaluations: ReadonlySet<string>;
}

/** Reads what the journal of a run tells of the training of a stage. @throws JOURNAL_INVALID */
export function readJournaledTraining(runFolder: string, stage: string): JournaledTraining {
  const told = { isReused: false, isPlanned: false, step: 0, monitoredStep: 0 };
  const evaluations = new Set<string>();
  const path = join(runFolder, JOURNAL_FILE);
  for (const event of existsSync(path) ? readJournal(path) : []) {
    const isOurs = 'stage' in event && event.stage === stage;
    if (event.type === 'evaluation-finished') evaluations.add(event.folder);
    if (event.type === 'step-finished') told.isReused = isOurs && event.isReused === true;
    if (!isOurs) continue;
    if (event.type === 'step-finished') told.step = event.step;
    else if (event.type === 'training-planned') told.isPlanned = true;
    else if (event.type === 'monitor-updated') told.monitoredStep = event.step;
  }
  return { ...told, evaluations };
}
