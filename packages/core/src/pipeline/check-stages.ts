import { join } from 'node:path';

import type { Settings } from '../config/settings.ts';
import { ConfigInvalid, type Problem } from '../config/problem.ts';
import type { ConfigProblem } from '../contracts/config-problem.ts';
import { EddyError } from '@eddy/tensor/errors';
import { createEventBus } from '../run/event-bus.ts';
import type { ResolvedPipeline } from '../schema/resolve-config.ts';
import { foreseeStages } from './foresee-stages.ts';
import { missingInputs } from './missing-inputs.ts';
import { openStages } from './open-stages.ts';
import { withOpenPipeline } from './open-pipeline.ts';
import { folderProblems } from './usable-folders.ts';

/**
 * Makes the stages of a pipeline and joins them without running any. Asks each what it is going to make, and checks
 * that folders can be written and that files exist. Needs neither a network nor an engine.
 *
 * @param runsFolder  where a run is going to lie, if that is known.
 * @param missing  whether files that are not there refuse the pipeline
 * @returns the warnings.
 * @throws STAGE_NEED_MISSING, STAGE_CYCLE, CONFIG_INVALID with every problem, CACHE_UNUSABLE,
 *   RUN_FOLDER_UNUSABLE, and what the plugins throw
 */
export async function checkStages(
  pipeline: ResolvedPipeline,
  settings: Pick<Settings, 'cacheFolder'>,
  runsFolder?: string,
  missing: 'error' | 'warning' = 'warning',
): Promise<readonly Problem[]> {
  const folders = await folderProblems({ cache: settings.cacheFolder, runs: runsFolder });
  const inputs = missingInputs(pipeline).map((problem) => ({ ...problem, level: missing }));
  return judged(pipeline, [...(await foreseen(pipeline, settings)), ...folders, ...inputs]);
}

async function foreseen(
  pipeline: ResolvedPipeline,
  settings: Pick<Settings, 'cacheFolder'>,
): Promise<readonly ConfigProblem[]> {
  const runFolder = join(settings.cacheFolder, 'no-run');
  const given = { pipeline, bus: createEventBus(), runFolder, planOnly: true };
  try {
    const { problems } = await withOpenPipeline(given, async (context) => {
      const ordered = await openStages({ ...context, planOnly: true }, {});
      return foreseeStages(ordered);
    });
    const known = new Set(pipeline.errors.map(({ message }) => message));
    return problems.filter(({ message }) => !known.has(message));
  } catch (error) {
    // A part that its own check refuses may well throw; the check has said why.
    if (pipeline.errors.length > 0) return [];
    throw error;
  }
}

/** Throws the errors; returns the warnings, those of the plugins' own checks first. */
function judged(
  pipeline: ResolvedPipeline,
  found: readonly (ConfigProblem & { readonly cause?: unknown })[],
): readonly Problem[] {
  const problems = found.map((problem) => ({
    origin: pipeline.writtenNear(problem.path),
    ...problem,
  }));
  const errors = [...pipeline.errors, ...problems.filter(({ level }) => level !== 'warning')];
  const [first] = errors;
  // What is wrong with the machine alone is no problem of the file.
  if (errors.length === 1 && first!.path.length === 0 && first!.cause instanceof EddyError) {
    throw first!.cause;
  }
  if (errors.length > 0) throw new ConfigInvalid(pipeline.file, errors);
  return [...pipeline.warnings, ...problems];
}
