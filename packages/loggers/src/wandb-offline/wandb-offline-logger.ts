/** A run as a Weights & Biases offline run in `<run>/wandb/`; `wandb sync` uploads it, nothing here does. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import type { Logger, RunEvent, RunSummary } from '@eddy/core';

import { fileLogger, type EventWriter } from '../projection/file-logger.ts';
import { scalarsOf } from '../projection/scalars.ts';
import { WallClock } from '../projection/wall-clock.ts';
import { LevelDbLog } from './leveldb-log.ts';
import {
  exitRecord,
  footerRecord,
  headerRecord,
  historyRecord,
  runRecord,
  summaryRecord,
} from './records.ts';

export interface WandbOptions {
  readonly project: string;
}

export function createWandbOfflineLogger(options: WandbOptions, runFolder: string): Logger {
  return fileLogger(join(runFolder, 'journal.jsonl'), () => new WandbFile(options, runFolder));
}

/** W&B has one row per step: what comes for the same step is gathered before it is written. */
interface Row {
  readonly step: number;
  readonly values: Record<string, number>;
}

class WandbFile implements EventWriter {
  readonly #options: WandbOptions;
  readonly #runFolder: string;
  readonly #clock = new WallClock();
  #log: LevelDbLog | null = null;
  #records = 0;
  #row: Row | null = null;
  #summary: Record<string, number> = {};
  #last: RunEvent | null = null;

  constructor(options: WandbOptions, runFolder: string) {
    this.#options = options;
    this.#runFolder = runFolder;
  }

  write(event: RunEvent): void {
    const seconds = this.#clock.secondsOf(event);
    this.#last = event;
    if (event.type === 'run-started' && this.#log === null) this.#start(event.run, seconds);
    const scalars = scalarsOf(event);
    if (scalars === null || this.#log === null) return;
    // W&B drops rows that go back: an evaluation that ends late counts for the present step.
    const step = Math.max(scalars.step, this.#row?.step ?? 0);
    if (step !== this.#row?.step) {
      this.#writeRow();
      this.#row = { step, values: {} };
    }
    const times = { _step: step, _runtime: event.timeMs / 1000, _timestamp: seconds };
    Object.assign(this.#row.values, scalars.values, times);
  }

  close(): void {
    if (this.#log === null || this.#last === null) return;
    this.#writeRow();
    const finished = this.#last.type === 'run-finished' ? this.#last.status : 'failed';
    this.#append((num) => summaryRecord(num, this.#summary));
    this.#append((num) => exitRecord(num, finished === 'done' ? 0 : 1, this.#last!.timeMs / 1000));
    this.#append(footerRecord);
    this.#log.close();
  }

  #start(run: RunSummary, startSeconds: number): void {
    const id = wandbId(run.id);
    const stamp = new Date(run.startedAt).toISOString().replaceAll(/[-:]/g, '').replace('T', '_');
    const folder = join(this.#runFolder, 'wandb', `offline-run-${stamp.slice(0, 15)}-${id}`);
    mkdirSync(folder, { recursive: true });
    this.#log = new LevelDbLog(join(folder, `run-${id}.wandb`));
    this.#log.append(headerRecord());
    this.#append((num) =>
      runRecord(num, {
        id,
        project: this.#options.project,
        name: run.name,
        host: hostname(),
        startSeconds,
        config: Object(run.config) as Record<string, unknown>,
      }),
    );
  }

  #writeRow(): void {
    if (this.#row === null) return;
    const { step, values } = this.#row;
    this.#append((num) => historyRecord(num, step, values));
    Object.assign(this.#summary, values);
  }

  #append(make: (num: number) => Uint8Array): void {
    this.#log!.append(make(++this.#records));
  }
}

/**
 * The id itself where W&B takes it and files can have it in their names; else what is left of it, and a hash
 * that keeps different ids apart.
 */
function wandbId(id: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return id;
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 12);
  const plain = id.replaceAll(/[^A-Za-z0-9_-]/g, '').slice(0, 48);
  return plain === '' ? hash : `${plain}-${hash}`;
}
