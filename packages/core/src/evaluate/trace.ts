/**
 * A few examples of an evaluation, step by step: `evaluations/step-…/trace.json`, written by the
 * evaluate stage, drawn by reports and pages. Tokens as the dataset stores them.
 */
import { join } from 'node:path';

import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import type { GridStyle } from '../contracts/grid-style.ts';

export const TRACE_FILE = 'trace.json';

export interface EvaluationTrace {
  readonly format: 'eddy-trace/2';
  readonly step: number;
  readonly split: string;
  /** `sudoku`, `maze`, `arc`: tells how tokens are drawn. */
  readonly task: string;
  readonly rows: number;
  readonly cols: number;
  /** How the dataset wants its tokens drawn, where it says so. */
  readonly gridStyle?: GridStyle;
  /** Label tokens equal to this are not scored; null where all are. */
  readonly notScored: number | null;
  /** The wrong ones first, then by index. */
  readonly examples: readonly TracedExample[];
}

export interface TracedExample {
  /** Index in the split, as evaluations number it. */
  readonly index: number;
  /** True if the last answer is right in every scored cell. */
  readonly solved: boolean;
  /** True for an example that is traced at every evaluation of the split. */
  readonly fixed: boolean;
  /** Difficulty as the source rates it, where it does. */
  readonly rating?: number;
  /** [rows × cols], as are `label` and `preds`. */
  readonly input: readonly number[];
  readonly label: readonly number[];
  /** One entry per supervision step, in order. */
  readonly steps: readonly TracedStep[];
}

export interface TracedStep {
  readonly preds: readonly number[];
  /**
   * [rows × cols] Probability of each token of `preds`, softmax of the logits, in thousandths. Absent in a model
   * without logits.
   */
  readonly probabilities?: readonly number[];
  /** Logit of halting: above 0 the model judges its answer correct. Absent in a model that does not halt. */
  readonly qHalt?: number;
}

/** Returns the trace of an evaluation's folder, one of an older format too; undefined where there is none. */
export async function readTrace(folder: string): Promise<EvaluationTrace | undefined> {
  const text = await readInputText(join(folder, TRACE_FILE), JSON_LIMIT).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return parseTrace(text);
  } catch {
    return undefined; // half written, or no trace
  }
}

/** eddy-trace/1: the first examples of the split, without probabilities. */
interface FirstTrace extends Omit<EvaluationTrace, 'format' | 'notScored' | 'examples'> {
  readonly format: 'eddy-trace/1';
  readonly examples: readonly Omit<TracedExample, 'solved' | 'fixed'>[];
}

/** Returns a trace of either format in the newer one's form; undefined for anything else. */
export function parseTrace(text: string): EvaluationTrace | undefined {
  const trace = JSON.parse(text) as EvaluationTrace | FirstTrace | null;
  if (trace === null || !Array.isArray((trace as { examples?: unknown }).examples))
    return undefined;
  if (trace.format === 'eddy-trace/2') return trace;
  // Written by an earlier version.
  if ((trace.format as string) !== 'eddy-trace/1') return undefined;
  const examples = trace.examples.map((example): TracedExample => {
    const last = example.steps.at(-1)?.preds ?? [];
    // Padding, which was not scored, is the token 0 in every dataset of that time.
    const solved = example.label.every((token, cell) => token === 0 || token === last[cell]);
    return { ...example, solved, fixed: true };
  });
  return { ...trace, format: 'eddy-trace/2', notScored: 0, examples: failuresFirst(examples) };
}

/** Returns the wrong examples before the solved ones, each by index. */
export function failuresFirst(examples: readonly TracedExample[]): TracedExample[] {
  return [...examples].sort((a, b) => Number(a.solved) - Number(b.solved) || a.index - b.index);
}
