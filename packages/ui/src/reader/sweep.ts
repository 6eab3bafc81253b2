/** A sweep as its folder tells it, with the state of the trials that go on. */
import { openSweepFolder, readEnded, resultCollector, type SweepResults } from '@eddy/core/report';

import type { ArmView, SweepView, TrialView } from '../api/sweep.ts';
import type { RunRow } from '../api/runs.ts';
import type { FoundSweep } from './find-runs.ts';

type Ended = Map<
  string,
  ReturnType<typeof readEnded> extends ReadonlyMap<string, infer T> ? T : never
>;

interface OpenSweep {
  /** Journals of ended trials are read once. */
  readonly results: () => SweepResults;
  readonly ended: Ended;
}

const SEED = 'seed';
const MAX_OPEN = 8;

/** The sweeps that somebody looks at. */
export class Sweeps {
  readonly #open = new Map<string, OpenSweep>();

  /** @param rows  of all runs that are shown. @throws SWEEP_NOT_FOUND, SWEEP_MANIFEST_INVALID */
  async view({ id, path, folder }: FoundSweep, rows: readonly RunRow[]): Promise<SweepView> {
    const sweep = await openSweepFolder(path);
    let open = this.#open.get(id);
    if (open === undefined) {
      const ended: Ended = new Map();
      open = { results: resultCollector(sweep, ended), ended };
      if (this.#open.size >= MAX_OPEN) this.#open.delete(this.#open.keys().next().value!);
      this.#open.set(id, open);
    }
    for (const [trial, end] of readEnded(sweep.journalPath)) open.ended.set(trial, end);
    const results = open.results();
    const { name, startedAt } = sweep.manifest;
    return sweepView({ id, folder, name, startedAt }, results, rows);
  }
}

/** Returns the results with what is known of trials that have not ended. */
export function sweepView(
  about: Pick<SweepView, 'id' | 'folder' | 'name' | 'startedAt'>,
  { arms, trials, metric, mode, shares }: SweepResults,
  rows: readonly RunRow[],
): SweepView {
  const own = new Map(
    rows.flatMap((row) => (row.sweep?.id === about.id ? [[row.sweep.trial, row] as const] : [])),
  );
  const options = [...new Set(trials.flatMap(({ values }) => Object.keys(values)))];
  return {
    ...about,
    ...(metric === undefined ? {} : { metric }),
    mode,
    options: [...options.filter((option) => option !== SEED), ...options.filter((o) => o === SEED)],
    metrics: [...new Set(trials.flatMap((trial) => Object.keys(trial.metrics)))],
    shares,
    arms: arms.map((arm): ArmView => ({
      values: arm.values,
      metrics: Object.fromEntries(
        Object.entries(arm.metrics).map(([key, { n, mean, halfWidth }]) => [
          key,
          { n, mean, halfWidth: Number.isNaN(halfWidth) ? null : halfWidth },
        ]),
      ),
      minutes: arm.minutes,
      done: arm.done,
      trials: arm.trials,
    })),
    trials: trials.map((trial): TrialView => {
      const row = own.get(trial.id);
      const { id, values, status, reason, metrics, minutes } = trial;
      return {
        id,
        values,
        status: status === 'unfinished' ? (row?.status ?? 'waiting') : status,
        ...(reason === undefined ? {} : { reason }),
        metrics,
        ...(status === 'unfinished' ? {} : { minutes }),
        ...(row === undefined
          ? {}
          : {
              runId: row.id,
              ...(row.step === undefined ? {} : { step: row.step }),
              ...(row.totalSteps === undefined ? {} : { totalSteps: row.totalSteps }),
            }),
      };
    }),
  };
}
