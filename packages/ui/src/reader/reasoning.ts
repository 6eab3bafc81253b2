/** The traces of a run's evaluations, as the page Reasoning shows them. */
import { statSync } from 'node:fs';

import { readOutcomes, readTrace, type EvaluationTrace } from '@eddy/core/report';

import type { HistoryView, ReasoningView } from '../api/reasoning.ts';
import { evaluationFolder, evaluationFolders, type EvaluationFolder } from './evaluations.ts';
import { fileInside } from './find-runs.ts';

/** No trace of ours is larger. */
const MAX_TRACE_BYTES = 32 << 20;
/** Evaluations of a history: more rows of pictures would not be looked at. */
const MAX_POINTS = 16;

/** Returns the evaluations of a run that kept answers. */
export async function reasoningOf(runPath: string): Promise<ReasoningView> {
  const folders = evaluationFolders(runPath).filter(hasTrace);
  return {
    evaluations: await Promise.all(
      folders.map(async ({ key, path, step, set, split, examples }) => {
        const outcomes = await readOutcomes(path);
        return {
          key,
          step,
          set,
          split,
          examples,
          ...(outcomes && { solved: outcomes.solved, recorded: outcomes.recorded }),
        };
      }),
    ),
  };
}

/** Returns the trace of an evaluation, named by its folder; undefined where there is none. */
export async function traceOf(runPath: string, key: string): Promise<EvaluationTrace | undefined> {
  const folder = evaluationFolder(runPath, key);
  return folder !== undefined && hasTrace(folder) ? readTrace(folder.path) : undefined;
}

/** Returns how one example was answered at the evaluations that kept it, thinned where they are many. */
export async function historyOf(
  runPath: string,
  { set, index }: { readonly set: string; readonly index: number },
): Promise<HistoryView> {
  const folders = evaluationFolders(runPath).filter(
    (folder) => folder.set === set && hasTrace(folder),
  );
  const found: HistoryView['points'][number][] = [];
  // One after the other: each is a file of up to a megabyte.
  for (const { path, step } of folders) {
    const example = (await readTrace(path))?.examples.find((one) => one.index === index);
    if (example === undefined) continue;
    const steps = example.steps.map(({ probabilities: _left, ...rest }) => rest);
    found.push({ step, example: { ...example, steps } });
  }
  return { points: thinned(found, MAX_POINTS), total: found.length };
}

/** The first, the last, and others at equal distances. */
function thinned<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from(
    { length: most },
    (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))]!,
  );
}

function hasTrace({ path }: EvaluationFolder): boolean {
  const file = fileInside(path, 'trace.json');
  return file !== undefined && statSync(file).size < MAX_TRACE_BYTES;
}
