/** What a run would need, without running it: `pipeline plan`. */
import { join, resolve } from 'node:path';

import { lastValueFrom, type Observable } from 'rxjs';

import { readPipeline } from '../schema/resolve-config.ts';
import { formatWarning } from '../config/problem.ts';
import type { Settings } from '../config/settings.ts';
import { freeBytes } from '../files/free-bytes.ts';
import { withTemporaryFolder } from '../files/temporary-folder.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { RunEvent, TrainingPlan } from '../contracts/events.ts';
import type { StopSignal } from '../contracts/services.ts';
import { chainStages, stageEventsOn } from './chain-stages.ts';
import { checkStages } from './check-stages.ts';
import { reusableFromRuns } from './explain-stages.ts';
import { foreseeStages } from './foresee-stages.ts';
import { openStages } from './open-stages.ts';
import { withOpenPipeline } from './open-pipeline.ts';
import { unreachableServices } from './reach-services.ts';
import { withStandIns } from './stand-in-stages.ts';

export interface PlanPipelineOptions {
  readonly file: string;
  readonly overrides?: readonly string[];
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
  readonly runsFolder?: string;
  readonly stop?: StopSignal;
  readonly onEvents?: (events$: Observable<RunEvent>) => void;
}

/**
 * Compiles, times a few steps on a copy of the state where the device is here, and throws everything away. Data
 * whose sizes are known is neither built nor fetched; other data is built if it is not there, and kept.
 *
 * @throws CONFIG_INVALID with everything that can be known before, and what the plugins throw
 */
export async function planPipeline(options: PlanPipelineOptions): Promise<TrainingPlan[]> {
  const { builtin, settings } = options;
  const pipeline = await readPipeline(options.file, options.overrides ?? [], {
    builtin,
    settings,
  });
  const warnings = await checkStages(pipeline, settings, options.runsFolder ?? 'runs');
  const bus = createEventBus();
  const plans: TrainingPlan[] = [];
  const runsFolder = resolve(options.runsFolder ?? 'runs');
  const folder = join(runsFolder, `${pipeline.name}-<time>`);
  bus.events$.subscribe((event) => {
    if (event.type === 'training-planned') plans.push({ ...event.plan, folder });
  });
  options.onEvents?.(bus.events$);
  await withTemporaryFolder((runFolder) =>
    withOpenPipeline(
      { pipeline, bus, stop: options.stop, runFolder, planOnly: true },
      async (context) => {
        const ordered = await openStages({ ...context, planOnly: true }, {});
        const foreseen = await foreseeStages(ordered);
        const unreachable = await unreachableServices(pipeline, context.stop.signal);
        for (const problem of [...warnings, ...unreachable]) {
          bus.emit({ type: 'message', level: 'warning', text: formatWarning(problem) });
        }
        // The plan itself reports what is wrong with a stage.
        for (const { stage, madeBy } of await reusableFromRuns(options).catch(() => [])) {
          const text =
            `stage ${stage} will be reused from ${madeBy.run}, trained on ${madeBy.finishedAt}; ` +
            `the plan is for a new training (--force ${stage})`;
          bus.emit({ type: 'message', level: 'info', text, stage });
        }
        const artifacts$ = chainStages(withStandIns(ordered, foreseen), stageEventsOn(bus));
        await lastValueFrom(artifacts$, { defaultValue: undefined });
      },
    ),
  );
  const free = await freeBytes(runsFolder);
  return plans.map(({ disk, ...plan }) => ({
    ...plan,
    ...(disk && { disk: { ...disk, ...(free === undefined ? {} : { freeBytes: free }) } }),
  }));
}
