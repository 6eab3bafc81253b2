import { join } from 'node:path';

import type { Settings } from '../config/settings.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { ResolvedPipeline } from '../schema/resolve-config.ts';
import { checkOpened, openStages } from './open-stages.ts';
import { outsideRun } from './outside-run.ts';

/**
 * Makes the stages of a pipeline and joins them without running any, which finds what no schema sees: a
 * stage that names another one that is not there, that nobody gives what it needs, or that does not fit the
 * others.
 *
 * @throws STAGE_NEED_MISSING, STAGE_CYCLE, MONITOR_UNMEASURED, MONITOR_SPLIT_MISSING, and what the plugins throw
 */
export async function checkStages(
  pipeline: ResolvedPipeline,
  { cacheFolder }: Pick<Settings, 'cacheFolder'>,
): Promise<void> {
  const runFolder = join(cacheFolder, 'no-run');
  const given = { pipeline, bus: createEventBus(), runFolder, planOnly: true };
  await outsideRun(given, async (context) =>
    checkOpened(await openStages({ ...context, planOnly: true }, {})),
  );
}
