/** What a run would need, without running it: `pipeline plan`. */
import { join, resolve } from 'node:path';

import { lastValueFrom, type Observable } from 'rxjs';

import { resolveConfig } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import { withTemporaryFolder } from '../files/temporary-folder.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { RunEvent, TrainingPlan } from '../contracts/events.ts';
import type { StopSignal } from '../contracts/services.ts';
import { chainStages, tellingBus } from './chain-stages.ts';
import { openStages } from './open-stages.ts';
import { outsideRun } from './outside-run.ts';

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
 * Builds the data if it is not there, compiles, times a few steps on a copy of the state where the
 * device is here, and throws everything but the data away.
 */
export async function planPipeline(options: PlanPipelineOptions): Promise<TrainingPlan[]> {
  const { builtin, settings } = options;
  const pipeline = await resolveConfig(options.file, options.overrides ?? [], {
    builtin,
    settings,
  });
  const bus = createEventBus();
  const plans: TrainingPlan[] = [];
  const folder = join(resolve(options.runsFolder ?? 'runs'), `${pipeline.name}-<time>`);
  bus.events$.subscribe((event) => {
    if (event.type === 'training-planned') plans.push({ ...event.plan, folder });
  });
  options.onEvents?.(bus.events$);
  await withTemporaryFolder((runFolder) =>
    outsideRun(
      { pipeline, bus, stop: options.stop, runFolder, planOnly: true },
      async (context) => {
        const ordered = await openStages({ ...context, planOnly: true }, {});
        const artifacts$ = chainStages(ordered, tellingBus(bus));
        await lastValueFrom(artifacts$, { defaultValue: undefined });
      },
    ),
  );
  return plans;
}
