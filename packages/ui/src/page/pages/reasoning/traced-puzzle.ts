/** What the page says of a traced puzzle. */
import type { EvaluationTrace, TracedExample } from '@eddy/core/report';
import { differingCells, type PlayerStep } from '@eddy/web/components';

const PER_MILLE = 1000;

export const FILTERS = [
  { key: 'all', title: 'all' },
  { key: 'failed', title: 'failed' },
  { key: 'solved', title: 'solved' },
  { key: 'fixed', title: 'at every evaluation' },
] as const;

/** Returns the puzzles that a filter leaves, failures first. */
export function filtered(examples: readonly TracedExample[], filter: string): TracedExample[] {
  return examples.filter(({ solved, fixed }) => {
    if (filter === 'failed') return !solved;
    if (filter === 'solved') return solved;
    return filter !== 'fixed' || fixed;
  });
}

/** Returns the steps of a puzzle with probabilities from 0 to 1. */
export function playerSteps({ steps }: TracedExample): PlayerStep[] {
  return steps.map(({ preds, probabilities, qHalt }) => ({
    cells: preds,
    probabilities: probabilities?.map((value) => value / PER_MILLE),
    halt: qHalt,
  }));
}

/** Returns how a puzzle ended: a wrong answer that the model takes for right is the worst. */
export function verdictOf(
  { solved, steps, label }: TracedExample,
  { notScored }: Pick<EvaluationTrace, 'notScored'>,
): { readonly text: string; readonly isGood: boolean } {
  const last = steps.at(-1);
  if (last === undefined) return { text: 'no answer', isGood: false };
  if (solved) {
    const doubts = last.qHalt !== undefined && last.qHalt <= 0;
    return { text: doubts ? 'solved, though it would continue' : 'solved', isGood: true };
  }
  const wrong = differingCells(last.preds, label, notScored ?? undefined).size;
  const sure = last.qHalt !== undefined && last.qHalt > 0;
  return {
    text: `${wrong} wrong ${wrong === 1 ? 'cell' : 'cells'}${sure ? ', and sure that it is right' : ''}`,
    isGood: false,
  };
}
