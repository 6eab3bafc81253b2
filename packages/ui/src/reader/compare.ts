/** In what several runs differ: causes first, then where they part, then what they solve. */
import { readOutcomes, type StoredOutcomes } from '@eddy/core/report';

import type {
  CompareView,
  ComparedRun,
  DifferenceView,
  DivergenceView,
  PuzzleGroup,
  PuzzlesView,
} from '../api/compare.ts';
import { evaluationFolders, type EvaluationFolder } from './evaluations.ts';
import type { FoundRun } from './find-runs.ts';
import { flattenConfig } from './flatten.ts';
import type { RunProjection } from './run-projection.ts';
import type { TrainingColumns } from './training-columns.ts';

export interface OpenedRun {
  readonly found: FoundRun;
  readonly projection: RunProjection;
}

/** Options that say where and how a run is shown, not what it computes. */
const UNTELLING = /^(name|description|baseFolder|loggers|runDir)(\.|$)/;
/** Characters of a content key that are shown. */
const KEY_LENGTH = 12;
/** Indices of a group that are sent. */
const MAX_EXAMPLES = 200;

/** Compares runs with the first of them. */
export async function compareRuns(runs: readonly OpenedRun[]): Promise<CompareView> {
  const puzzles = await comparePuzzles(runs);
  return {
    runs: runs.map(headOf),
    differences: differencesOf(runs),
    divergences: runs.slice(1).map((run) => divergence(runs[0]!, run)),
    ...(puzzles && { puzzles }),
  };
}

function headOf({ found, projection }: OpenedRun): ComparedRun {
  const view = projection.view(found.id, found.folder);
  const { name, folder, head, headline } = view;
  return {
    id: found.id,
    name,
    folder,
    status: head.status,
    ...(headline && { headline: headline.text }),
  };
}

type Facts = ReadonlyMap<string, string>;

function differencesOf(runs: readonly OpenedRun[]): DifferenceView[] {
  const manifests = runs.map(({ projection }) => projection.manifest);
  return [
    ...rowsOf(
      'options',
      runs.map(({ projection }) => optionsOf(projection)),
    ),
    ...rowsOf(
      'data',
      manifests.map(
        ({ data = {} }) =>
          new Map(
            Object.entries(data).map(([stage, { key }]) => [stage, key.slice(0, KEY_LENGTH)]),
          ),
      ),
    ),
    ...rowsOf(
      'versions',
      manifests.map(({ versions }) => new Map(Object.entries(versions))),
    ),
    ...rowsOf(
      'machine',
      manifests.map(({ host, engine }) => {
        const facts = { host, engine: engine?.name, 'engine and hardware': engine?.fingerprint };
        return new Map(
          Object.entries(facts).flatMap(([what, value]) =>
            value === undefined ? [] : [[what, value] as const],
          ),
        );
      }),
    ),
  ];
}

function optionsOf({ events }: RunProjection): Facts {
  const flat = flattenConfig(events.summary?.config ?? {});
  return new Map([...flat].filter(([path]) => !UNTELLING.test(path)));
}

function rowsOf(group: DifferenceView['group'], all: readonly Facts[]): DifferenceView[] {
  const names = new Set(all.flatMap((facts) => [...facts.keys()]));
  return [...names].flatMap((what) => {
    const values = all.map((facts) => facts.get(what) ?? null);
    return new Set(values).size > 1 ? [{ group, what, values }] : [];
  });
}

/** The first step at which any training metric that both have differs. */
function divergence(first: OpenedRun, other: OpenedRun): DivergenceView {
  const id = other.found.id;
  let commonSteps = 0;
  let earliest: { step: number; metrics: string[] } | undefined;
  for (const [set, a] of first.projection.trainings) {
    const b = other.projection.trainings.get(set);
    if (b === undefined) continue;
    const found = firstDifference(a, b);
    commonSteps += found.commonSteps;
    if (found.step === undefined) continue;
    if (earliest === undefined || found.step < earliest.step) {
      earliest = { step: found.step, metrics: found.metrics };
    }
  }
  return { id, commonSteps, metrics: [], ...earliest };
}

function firstDifference(
  a: TrainingColumns,
  b: TrainingColumns,
): { commonSteps: number; step?: number; metrics: string[] } {
  const [stepsA, stepsB] = [a.steps.values, b.steps.values];
  const columns = [...a.metrics.keys()].flatMap((name) => {
    const [x, y] = [a.valuesOf(name), b.valuesOf(name)];
    return x === undefined || y === undefined ? [] : [{ name, x, y }];
  });
  let commonSteps = 0;
  for (let i = 0, j = 0; i < stepsA.length && j < stepsB.length;) {
    if (stepsA[i]! !== stepsB[j]!) {
      if (stepsA[i]! < stepsB[j]!) i++;
      else j++;
      continue;
    }
    commonSteps += 1;
    const metrics = columns.filter(({ x, y }) => !Object.is(x[i], y[j])).map(({ name }) => name);
    if (metrics.length > 0) return { commonSteps, step: stepsA[i]!, metrics };
    i++;
    j++;
  }
  return { commonSteps, metrics: [] };
}

interface Evaluated {
  readonly folder: EvaluationFolder;
  readonly outcomes: StoredOutcomes;
}

async function comparePuzzles(runs: readonly OpenedRun[]): Promise<PuzzlesView | undefined> {
  const all = await Promise.all(runs.map(outcomesOf));
  // The puzzles that most of the runs were evaluated on.
  const counts = new Map<string, number>();
  for (const one of all.flat()) counts.set(puzzlesOf(one), (counts.get(puzzlesOf(one)) ?? 0) + 1);
  const [puzzles, count] = [...counts].sort(([, x], [, y]) => y - x)[0] ?? [];
  if (count === undefined || count < 2) return undefined;
  const chosen = all.map((own) => own.find((one) => puzzlesOf(one) === puzzles));
  const shared = chosen.flatMap((one, i) =>
    one === undefined ? [] : [{ id: runs[i]!.found.id, ...one }],
  );
  return {
    set: shared[0]!.folder.set,
    steps: chosen.map((one) => one?.folder.step ?? null),
    evaluations: chosen.map((one) => one?.folder.key ?? null),
    recorded: shared[0]!.outcomes.recorded,
    groups: groupsOf(shared),
  };
}

const puzzlesOf = ({ outcomes }: Evaluated) => `${outcomes.puzzles} ${outcomes.recorded}`;

/** One evaluation a set: at the step that the run is judged by, else the last one. */
async function outcomesOf({ found, projection }: OpenedRun): Promise<Evaluated[]> {
  const judged = projection.events.headline?.step;
  const bySet = new Map<string, EvaluationFolder>();
  for (const folder of evaluationFolders(found.path)) {
    const before = bySet.get(folder.set);
    if (before === undefined || before.step !== judged) bySet.set(folder.set, folder);
  }
  const read = [...bySet.values()].map(async (folder) => {
    const outcomes = await readOutcomes(folder.path);
    return outcomes === undefined ? [] : [{ folder, outcomes }];
  });
  return (await Promise.all(read)).flat();
}

function groupsOf(
  runs: readonly { readonly id: string; readonly outcomes: StoredOutcomes }[],
): PuzzleGroup[] {
  const bits = runs.map(({ outcomes }) => Buffer.from(outcomes.bits, 'base64'));
  const { recorded } = runs[0]!.outcomes;
  const groups = new Map<number, { count: number; examples: number[] }>();
  for (let i = 0; i < recorded; i++) {
    let pattern = 0;
    for (let run = 0; run < bits.length; run++) {
      pattern |= ((bits[run]![i >> 3]! >> (i & 7)) & 1) << run;
    }
    let group = groups.get(pattern);
    if (group === undefined) groups.set(pattern, (group = { count: 0, examples: [] }));
    group.count += 1;
    if (group.examples.length < MAX_EXAMPLES) group.examples.push(i);
  }
  const isMixed = (pattern: number) => pattern !== 0 && pattern !== 2 ** runs.length - 1;
  return [...groups]
    .sort(([p, a], [q, b]) => Number(isMixed(q)) - Number(isMixed(p)) || b.count - a.count)
    .map(([pattern, group]) => ({
      solvedBy: runs.filter((_, run) => (pattern >> run) & 1).map(({ id }) => id),
      ...group,
    }));
}
