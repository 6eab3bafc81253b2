/** Of all ways to cut a step those that tell why the chosen one was taken. */
import type { PlannedCandidate } from '../../contracts/events.ts';
import type { FittedStep, StepCandidate } from '../memory/fit-memory.ts';

/**
 * Those that were compiled; of each way the fastest that fits and the next larger, which doesn't or is
 * slower; the whole batch. By rows, the largest first.
 */
export function shownCandidates({ runner, budget, candidates }: FittedStep): PlannedCandidate[] {
  const { microBatchSize, recompute = false, globalBatchSize } = runner.sizes;
  const isChosen = (c: StepCandidate) =>
    c.microBatchSize === microBatchSize && c.recompute === recompute;
  const chosen = candidates.find(isChosen)!;
  const fits = ({ memoryBytes = 0 }: StepCandidate) => memoryBytes <= budget.bytes;
  const shown = [false, true].flatMap((way) => {
    const known = candidates.filter(
      (c) => c.recompute === way && (c.memoryBytes !== undefined || isChosen(c)),
    );
    const fastest = known.filter(fits).sort((a, b) => a.relativeTime - b.relativeTime)[0];
    const tellTale = (c: StepCandidate, i: number) =>
      c.isMeasured ||
      isChosen(c) ||
      c === fastest ||
      known[i + 1] === fastest ||
      c.microBatchSize === globalBatchSize;
    return known.filter(tellTale);
  });
  return shown
    .sort((a, b) => b.microBatchSize - a.microBatchSize)
    .map((c) => ({
      microBatchSize: c.microBatchSize,
      recompute: c.recompute,
      ...(c.memoryBytes === undefined ? {} : { memoryBytes: c.memoryBytes }),
      isMeasured: c.isMeasured,
      relativeTime: c.relativeTime / chosen.relativeTime,
      fits: fits(c),
      isChosen: c === chosen,
    }));
}
