/** Makes the stages of a pipeline and puts them in order. */
import type { RunContext } from './stage-services.ts';
import { stageServices, type KeyLog } from './stage-services.ts';
import {
  forcedStages,
  neededStages,
  orderStages,
  untilStage,
  type NamedStage,
} from './order-stages.ts';

/** Which part of a pipeline runs, and what of it anew. */
export interface Selection {
  /** Makes results anew: of all stages, or of one. */
  readonly force?: boolean | string;
  /** Makes the results of this stage and of those after it anew. */
  readonly from?: string;
  /** The last stage that runs. */
  readonly until?: string;
  /** These stages and those they need, in place of all. */
  readonly only?: readonly string[];
}

/** @throws STAGE_NEED_MISSING, STAGE_CYCLE, STAGE_UNKNOWN and what the plugins throw */
export async function openStages(
  base: Omit<RunContext, 'forced'>,
  selection: Selection,
  keys: KeyLog = new Map(),
): Promise<NamedStage[]> {
  const forced = new Set<string>();
  const context: RunContext = { ...base, forced };
  const stages: NamedStage[] = [];
  for (const { name, reference } of context.pipeline.stages) {
    const container = context.container.with({ stage: stageServices(name, context, keys) });
    stages.push({ name, stage: await container.create('stage', reference) });
  }
  const ordered = orderStages(stages);
  for (const name of forcedStages(ordered, selection)) forced.add(name);
  return neededStages(untilStage(ordered, selection.until), selection.only);
}
