/** The list of runs, kept up to date by looking at what changed. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { RUN_FORMATS, unsealed, type RunManifest } from '@eddy/core/report';

import type { RunRow, RunsView, SweepRow } from '../api/runs.ts';
import { columnsOf } from './columns-that-differ.ts';
import { findRuns, type Found, type FoundRun, type FoundSweep } from './find-runs.ts';
import { flattenConfig } from './flatten.ts';
import { JournalDigest } from './journal-digest.ts';
import { readOwnFile } from './journal-tail.ts';
import { rowMetric } from './row-metric.ts';
import { statusOf } from './run-status.ts';

/** Runs read between two looks at other work. */
const BATCH = 25;
/** Ended runs and folders without changes are looked at again after so many milliseconds. */
const FULL_LOOK_MS = 5000;
const MANIFEST = 'manifest.json';
const MAX_MANIFEST_BYTES = 4 << 20;
const MAX_SWEEP_BYTES = 64 << 20;

interface Entry {
  readonly found: FoundRun;
  readonly manifest: RunManifest;
  readonly digest: JournalDigest;
  config: ReadonlyMap<string, string>;
  row: RunRow;
}

export class RunRows {
  readonly #roots: readonly string[];
  #found: Found = { runs: [], sweeps: [], holders: [] };
  #holderTimes = '';
  readonly #entries = new Map<string, Entry>();
  #columns: readonly string[] = [];
  #lastFullLook = -Infinity;
  #refreshing: Promise<unknown> = Promise.resolve();

  constructor(roots: readonly string[]) {
    this.#roots = roots;
  }

  /** The folder of a run by its id. */
  run(id: string): FoundRun | undefined {
    return this.#entries.get(id)?.found ?? this.#found.runs.find((run) => run.id === id);
  }

  sweep(id: string): FoundSweep | undefined {
    return this.#found.sweeps.find((sweep) => sweep.id === id);
  }

  get runs(): readonly FoundRun[] {
    return this.#found.runs;
  }

  get sweeps(): readonly FoundSweep[] {
    return this.#found.sweeps;
  }

  /** Looks for runs without reading them, so that their ids are known. */
  find(): void {
    this.#found = findRuns(this.#roots);
    this.#holderTimes = timesOf(this.#found.holders);
  }

  /** Reads what is new. Returns the rows that changed, and whether runs or columns came or went. */
  refresh(): Promise<{ readonly changed: readonly RunRow[]; readonly isOther: boolean }> {
    const refreshed = this.#refreshing.then(() => this.#readNew());
    this.#refreshing = refreshed.catch(() => undefined);
    return refreshed;
  }

  view(): RunsView {
    const rows = [...this.#entries.values()]
      .map(({ row }) => row)
      .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
    const sweeps = this.#found.sweeps.flatMap((sweep) => sweepRow(sweep) ?? []);
    const unreadable = this.#found.runs
      .filter(({ id, path }) => !this.#entries.has(id) && existsSync(join(path, 'config.yml')))
      .map(({ folder }) => join(folder, MANIFEST));
    return { rows, columns: this.#columns, sweeps, unreadable };
  }

  async #readNew(): Promise<{ changed: RunRow[]; isOther: boolean }> {
    const now = performance.now();
    const isFull = now - this.#lastFullLook > FULL_LOOK_MS;
    let isOther = false;
    if (isFull || timesOf(this.#found.holders) !== this.#holderTimes) {
      this.find();
      const known = new Set(this.#found.runs.map(({ id }) => id));
      for (const id of [...this.#entries.keys()].filter((old) => !known.has(old))) {
        this.#entries.delete(id);
        isOther = true;
      }
    }
    if (isFull) this.#lastFullLook = now;
    const changed: Entry[] = [];
    for (const [i, found] of this.#found.runs.entries()) {
      if (i % BATCH === BATCH - 1) await new Promise(setImmediate);
      const before = this.#entries.get(found.id);
      if (!isFull && before !== undefined && hasEnded(before)) continue;
      const hadConfig = before !== undefined && isConfigured(before);
      const entry = await this.#read(found, before);
      if (entry === undefined) continue;
      // A run that was found before it had written its configuration may bring columns, too.
      if (before === undefined || (!hadConfig && isConfigured(entry))) isOther = true;
      changed.push(entry);
    }
    if (isOther) {
      this.#columns = columnsOf([...this.#entries.values()]);
      for (const entry of this.#entries.values()) {
        entry.row = { ...entry.row, values: this.#valuesOf(entry) };
      }
    }
    return { changed: changed.map(({ row }) => row), isOther };
  }

  /** @returns undefined where nothing is new */
  async #read(found: FoundRun, before: Entry | undefined): Promise<Entry | undefined> {
    const manifest = before?.manifest ?? readManifest(found.path);
    if (manifest === undefined) return undefined;
    const digest = before?.digest ?? new JournalDigest(join(found.path, 'journal.jsonl'));
    const isNew = digest.refresh() || before === undefined;
    const status = await statusOf(found.path, digest.finished?.status);
    if (!isNew && before.row.status === status) return undefined;
    const config = before?.config ?? flattenConfig(digest.started?.run.config ?? {});
    const entry: Entry = before ?? { found, manifest, digest, config, row: undefined! };
    if (!isConfigured(entry)) entry.config = flattenConfig(digest.started?.run.config ?? {});
    entry.row = this.#rowOf(entry, status);
    this.#entries.set(found.id, entry);
    return entry;
  }

  #rowOf(entry: Entry, status: RunRow['status']): RunRow {
    const { found, manifest, digest } = entry;
    const { step, finished } = digest;
    const metric = rowMetric(digest);
    const left = status === 'running' ? timeLeft(digest) : undefined;
    const sweep = found.sweep === undefined ? undefined : this.sweep(found.sweep);
    return {
      id: found.id,
      name: manifest.name,
      folder: found.folder,
      startedAt: manifest.startedAt,
      status,
      ...(finished?.error === undefined ? {} : { error: finished.error }),
      ...(step === undefined ? {} : { step: step.step, totalSteps: step.totalSteps }),
      elapsedMs: digest.elapsedMs,
      ...(left === undefined ? {} : { timeLeftMs: left }),
      ...(metric === undefined ? {} : { metric }),
      sparkline: digest.samples.map(([, loss]) => Number(loss.toPrecision(4))),
      values: this.#valuesOf(entry),
      ...(sweep === undefined
        ? {}
        : { sweep: { id: sweep.id, name: nameOfSweep(sweep), trial: found.trial! } }),
    };
  }

  #valuesOf({ config }: Entry): Record<string, string> {
    return Object.fromEntries(
      this.#columns.flatMap((path) => {
        const value = config.get(path);
        return value === undefined ? [] : [[path, value]];
      }),
    );
  }
}

/** False until the run has written what it is configured as: it writes its manifest first. */
function isConfigured({ config }: Entry): boolean {
  return config.size > 1;
}

function hasEnded({ row }: Entry): boolean {
  return row.status !== 'running';
}

function timeLeft({ step, earlierStep }: JournalDigest): number | undefined {
  if (step === undefined || earlierStep === undefined || step.step <= earlierStep.step) {
    return undefined;
  }
  const pace = (step.timeMs - earlierStep.timeMs) / (step.step - earlierStep.step);
  return Math.max(0, step.totalSteps - step.step) * pace;
}

/** undefined for a folder of another kind, or a damaged one: the list shows the others. */
function readManifest(path: string): RunManifest | undefined {
  const text = readOwnFile(join(path, MANIFEST), MAX_MANIFEST_BYTES);
  if (text === undefined) return undefined;
  try {
    const manifest = unsealed(text).body as unknown as RunManifest;
    const isRun = RUN_FORMATS.includes(manifest.format) && typeof manifest.startedAt === 'string';
    return isRun && typeof manifest.name === 'string' ? manifest : undefined;
  } catch {
    return undefined;
  }
}

function sweepRow(sweep: FoundSweep): SweepRow | undefined {
  const manifest = readSweep(sweep.path);
  if (manifest === undefined) return undefined;
  return { id: sweep.id, folder: sweep.folder, ...manifest };
}

function nameOfSweep({ path, folder }: FoundSweep): string {
  return readSweep(path)?.name ?? folder;
}

type SweepFacts = Pick<SweepRow, 'name' | 'startedAt' | 'trials'>;

/** By folder. A sweep's manifest never changes; its trials may take megabytes, so only their number is kept. */
const readSweeps = new Map<string, SweepFacts>();

/** Returns what the list shows of a sweep; undefined while its manifest is absent or damaged. */
function readSweep(path: string): SweepFacts | undefined {
  const known = readSweeps.get(path);
  if (known !== undefined) return known;
  try {
    const text = readOwnFile(join(path, 'sweep.json'), MAX_SWEEP_BYTES) ?? '';
    const { name, startedAt, trials } = JSON.parse(text) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof startedAt !== 'string' || !Array.isArray(trials)) {
      return undefined;
    }
    const facts = { name, startedAt, trials: trials.length };
    readSweeps.set(path, facts);
    return facts;
  } catch {
    return undefined; // the list shows the other sweeps
  }
}

function timesOf(folders: readonly string[]): string {
  return folders
    .map((folder) => statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0)
    .join(' ');
}
