/** `GET /api/runs/:id/reasoning` and below: the puzzles that evaluations of a run kept step by step. */
import type { TracedExample } from '@eddy/core/report';

export interface ReasoningView {
  /** By step; those without a trace are left out. */
  readonly evaluations: readonly TracedEvaluation[];
}

/** One evaluation whose answers were kept. */
export interface TracedEvaluation {
  /** Name of its folder, which names it in requests. */
  readonly key: string;
  readonly step: number;
  /** The split and whose weights: `test (average)`. */
  readonly set: string;
  readonly split: string;
  readonly examples: number;
  /** Solved examples, of those whose outcome was kept. */
  readonly solved?: number;
  readonly recorded?: number;
}

/** `GET …/reasoning/history?set=&index=`: the same puzzle at each evaluation of a set. */
export interface HistoryView {
  readonly points: readonly { readonly step: number; readonly example: TracedExample }[];
  /** Evaluations that kept the puzzle: more than `points` where there are many. */
  readonly total: number;
}
