/** Stages whose results are kept in the cache: build, augment, and those of users. */
import { concatMap } from 'rxjs';

import type { StageServices } from '../contracts/services.ts';
import type { Artifact, ReferredResult, Stage } from '../contracts/stage.ts';
import { cancellable } from './cancellable.ts';

/**
 * A stage that makes one artifact of each input, or a single one where it needs none, and keeps what it
 * makes in the cache. Running it reuses what the cache has and makes the rest; `pipeline why` asks the
 * same `resultOf` for its keys alone.
 *
 * @param resultOf  what comes of an input: a result to keep, or an artifact that needs none. It names keys
 *   and reads; the work belongs into `KeptResult.make`.
 */
export function keptStage(
  { name, artifacts, stop }: Pick<StageServices, 'name' | 'artifacts' | 'stop'>,
  { needs, provides }: Pick<Stage, 'needs' | 'provides'>,
  resultOf: NonNullable<Stage['resultOf']>,
): Stage {
  const artifactOf = async (
    input: Artifact | undefined,
    signal: AbortSignal,
  ): Promise<Artifact> => {
    let result = await resultOf(input, signal);
    while (isKept(result)) {
      const { path } = await artifacts.reuseOrMake(name, result.key, result.make, signal);
      result = await result.read(path);
    }
    return result;
  };
  return {
    needs,
    provides,
    resultOf,
    run: (inputs$) =>
      needs.length === 0
        ? cancellable(stop, (signal) => artifactOf(undefined, signal))
        : inputs$.pipe(
            concatMap((input) => cancellable(stop, (signal) => artifactOf(input, signal))),
          ),
  };
}

/** Whether a result of a stage is kept in the cache, not an artifact already. */
export function isKept<T extends ReferredResult>(result: Artifact | T): result is T {
  return 'read' in result;
}
