/** In which order stages are chained: as the file has them, unless one needs a later one. */
import { stageCycle, stageNeedMissing, stageUnknown } from './errors.ts';
import type { Need, Stage } from '../contracts/stage.ts';

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

/** Which stage of the order gives stage `index` what it needs: the named one, or the nearest before it. */
export function providerOf(ordered: readonly NamedStage[], index: number, need: Need): number {
  return ordered.findLastIndex((other, j) => j < index && provides(other, need));
}

function provides({ name, stage }: NamedStage, need: Need): boolean {
  if (typeof need === 'string') return stage.provides.includes(need);
  return name === need.stage && stage.provides.includes(need.kind);
}

function kindOf(need: Need): string {
  return typeof need === 'string' ? need : need.kind;
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
    for (const need of ordered[index]!.stage.needs) add(providerOf(ordered, index, need));
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

/** Names of the stages before one; none where none is named. @throws STAGE_UNKNOWN */
export function stagesBefore(
  ordered: readonly NamedStage[],
  name: string | undefined,
): readonly string[] {
  if (name === undefined) return [];
  return ordered.slice(0, indexOf(ordered, name)).map((stage) => stage.name);
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
    const providers = stages.flatMap((other, j) => (j !== i && provides(other, need) ? [j] : []));
    if (providers.length === 0) throw stageNeedMissing(name, need);
    const inReach = providers.some((j) => j < i) ? upToNextSource(stages, i, providers) : providers;
    // Two stages that each pass on what the other needs (dataset → dataset) keep the file's order.
    const kept = inReach.filter(
      (j) => j < i || !stages[j]!.stage.needs.some((need) => stage.provides.includes(kindOf(need))),
    );
    // Where nobody else provides it, the two need one another.
    return kept.length > 0 ? kept : inReach;
  });
}

/**
 * Providers before stage `i`, and those behind it that pass on what comes from them: `build, train,
 * augment` trains on augmented data. A second source, as in `build, pretrain, build-more, finetune`,
 * is for the stages behind it.
 */
function upToNextSource(
  stages: readonly NamedStage[],
  i: number,
  providers: readonly number[],
): readonly number[] {
  const isSource = (j: number) =>
    !stages[j]!.stage.needs.some(
      (need) => typeof need === 'string' && stages[j]!.stage.provides.includes(need),
    );
  const nextSource = providers.find((j) => j > i && isSource(j)) ?? stages.length;
  return providers.filter((j) => j < nextSource);
}
