/** The stages of a pipeline that measure the checkpoints of one of its trainings. */
import type { ResolvedPipeline } from '../schema/resolve-config.ts';

/** Plugins that measure a checkpoint, and take its path as their option `checkpoint`. */
const MEASURING = ['evaluate', 'test-time-compute'];

/**
 * Names of the stages that measure, in the order of the file. Of a pipeline with several trainings
 * these are the stages behind `training` and before the next one; all, where there are none.
 *
 * @param training  key of the stage that made the checkpoint; undefined where it is not recorded
 */
export function measuringStages(
  { stages, parts }: Pick<ResolvedPipeline, 'stages' | 'parts'>,
  training: string | undefined,
): readonly string[] {
  const trained = new Set(
    parts.flatMap(({ kind, path }) => (kind === 'optimizer' ? [path[0]] : [])),
  );
  const all: string[] = [];
  const own: string[] = [];
  let last: string | undefined;
  for (const { name, reference } of stages) {
    if (trained.has(name)) last = name;
    if (!MEASURING.includes(reference.use)) continue;
    all.push(name);
    if (last === training) own.push(name);
  }
  return own.length > 0 ? own : all;
}
