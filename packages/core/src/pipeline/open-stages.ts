/** Makes the stages of a pipeline and puts them in order. */
import type { StageView } from '../contracts/services.ts';
import { stageServices, type KeyLog, type RunContext } from './stage-services.ts';
import {
  forcedStages,
  neededStages,
  orderStages,
  providerOf,
  stagesBefore,
  untilStage,
  type NamedStage,
} from './order-stages.ts';

/** Which part of a pipeline runs, and what of it anew. */
export interface Selection {
  /** Makes results anew: of all stages, or of one. */
  readonly force?: boolean | string;
  /** Makes the results of this stage and of those after it anew; of those before it, only what they need runs. */
  readonly from?: string;
  /** The last stage that runs. */
  readonly until?: string;
  /** These stages and those they need, in place of all. */
  readonly only?: readonly string[];
}

/** @throws STAGE_NEED_MISSING, STAGE_CYCLE, STAGE_UNKNOWN and what the plugins throw */
export async function openStages(
  base: Omit<RunContext, 'forced' | 'given' | 'stages'>,
  selection: Selection,
  keys: KeyLog = new Map(),
): Promise<NamedStage[]> {
  const forced = new Set<string>();
  const given = new Set<string>();
  const views: StageView[] = [];
  const context: RunContext = { ...base, forced, given, stages: views };
  const stages: NamedStage[] = [];
  for (const { name, reference } of context.pipeline.stages) {
    const container = context.container.with({ stage: stageServices(name, context, keys) });
    stages.push({ name, stage: await container.create('stage', reference) });
  }
  const ordered = orderStages(stages);
  views.push(...viewsOf(ordered, context.pipeline));
  for (const name of forcedStages(ordered, selection)) forced.add(name);
  for (const name of stagesBefore(ordered, selection.from)) given.add(name);
  const chosen = untilStage(ordered, selection.until);
  const begun = chosen.map(({ name }) => name).filter((name) => !given.has(name));
  const only = selection.from === undefined ? selection.only : begun;
  return neededStages(chosen, only);
}

function viewsOf(
  ordered: readonly NamedStage[],
  { stages, parts }: RunContext['pipeline'],
): StageView[] {
  return ordered.map(({ name, stage }, i) => ({
    name,
    reference: stages.find((other) => other.name === name)!.reference,
    provides: stage.provides,
    parts: parts
      .filter(({ path }) => path[0] === name && path.length > 1)
      .map(({ kind, reference, entry, plugin }) => ({
        kind,
        reference,
        version: entry.version,
        ...(plugin.metrics === undefined ? {} : { metrics: plugin.metrics }),
      })),
    takesFrom: stage.needs.map((need) => ordered[providerOf(ordered, i, need)]!.name),
  }));
}
