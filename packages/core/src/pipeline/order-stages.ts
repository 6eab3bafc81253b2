/** In which order stages are chained: as the file has them, unless one needs a later one. */
import { stageCycle, stageNeedMissing, stageUnknown } from './errors.ts';
import type { Stage } from '../contracts/stage.ts';

export interface NamedStage {
  readonly name: string;
  readonly stage: Stage;
}

/** @throws STAGE_NEED_MISSING, STAGE_CYCLE */
export function orderStages(stages: readonly NamedStage[]): NamedStage[] {
  const before = stages.map((_, i) => predecessors(stages, i));
  const placed: number[] = [];
  while (placed.length < stages.length) {
    const next = stages.findIndex(
      (_, i) => !placed.includes(i) && before[i]!.every((j) => placed.includes(j)),
    );
    if (next === -1) {
      const left = stages.filter((_, i) => !placed.includes(i));
      throw stageCycle(left.map(({ name }) => name));
    }
    placed.push(next);
  }
  return placed.map((i) => stages[i]!);
}

/** The part of the order that runs. @throws STAGE_UNKNOWN */
export function untilStage(ordered: readonly NamedStage[], until: string | undefined) {
  return until === undefined ? [...ordered] : ordered.slice(0, indexOf(ordered, until) + 1);
}

/**
 * The part of the order that these stages need: each with the nearest earlier stage that provides what
 * it needs, as `chainStages` joins them.
 *
 * @throws STAGE_UNKNOWN
 */
export function neededStages(
  ordered: readonly NamedStage[],
  only: readonly string[] | undefined,
): NamedStage[] {
  if (only === undefined) return [...ordered];
  const needed = new Set<number>();
  const add = (index: number): void => {
    if (needed.has(index)) return;
    needed.add(index);
    for (const need of ordered[index]!.stage.needs) {
      add(ordered.findLastIndex(({ stage }, j) => j < index && stage.provides.includes(need)));
    }
  };
  for (const name of only) add(indexOf(ordered, name));
  return ordered.filter((_, i) => needed.has(i));
}

/**
 * Names of the stages whose results are made anew: of `force` (all for `true`), and of `from` and
 * those after it.
 *
 * @throws STAGE_UNKNOWN
 */
export function forcedStages(
  ordered: readonly NamedStage[],
  { force, from }: { readonly force?: boolean | string; readonly from?: string },
): Set<string> {
  const forced = new Set<string>();
  if (force === true) ordered.forEach(({ name }) => forced.add(name));
  if (typeof force === 'string') forced.add(ordered[indexOf(ordered, force)]!.name);
  if (from !== undefined) {
    ordered.slice(indexOf(ordered, from)).forEach(({ name }) => forced.add(name));
  }
  return forced;
}

function indexOf(ordered: readonly NamedStage[], name: string): number {
  const index = ordered.findIndex((stage) => stage.name === name);
  if (index === -1) {
    throw stageUnknown(
      name,
      ordered.map((stage) => stage.name),
    );
  }
  return index;
}

/** Indices of the stages that must come before stage `i`. */
function predecessors(stages: readonly NamedStage[], i: number): number[] {
  const { name, stage } = stages[i]!;
  return stage.needs.flatMap((need) => {
    const providers = stages.flatMap((other, j) =>
      j !== i && other.stage.provides.includes(need) ? [j] : [],
    );
    if (providers.length === 0) throw stageNeedMissing(name, need);
    // Two stages that each pass on what the other needs (dataset → dataset) keep the file's order.
    return providers.filter(
      (j) => j < i || !stages[j]!.stage.needs.some((kind) => stage.provides.includes(kind)),
    );
  });
}
