/** Adds up what the chosen answers of one setting are worth. */
import { NOT_SCORED } from '../data/collate.ts';
import type { EvaluationRows } from '../data/evaluation-batches.ts';
import type { Evaluator } from '../contracts/evaluator.ts';
import { choose } from './choose.ts';
import type { Candidate } from './recording.ts';
import type { ComputeSetting, SettingResult } from '../contracts/events.ts';

export class Tally {
  readonly setting: ComputeSetting;
  readonly #evaluators: readonly Evaluator[];
  readonly #halts: boolean;
  #examples = 0;
  #steps = 0;
  #cells = 0;
  readonly #exact = { chosen: 0, bestQ: 0, mode: 0, any: 0 };

  /**
   * @param evaluators  begun; each sees the chosen answers as the model's outputs.
   * @param halts  true if the candidates have halting values.
   */
  constructor(setting: ComputeSetting, evaluators: readonly Evaluator[] = [], halts = true) {
    this.setting = setting;
    this.#evaluators = evaluators;
    this.#halts = halts;
  }

  /** @param candidates  all answers to the puzzle of a row, in order. */
  add(batch: EvaluationRows, candidates: (row: number) => readonly Candidate[]): void {
    const numRows = batch.puzzleIdentifiers.length;
    const seqLen = batch.labels.length / numRows;
    const preds = new Int32Array(batch.labels.length);
    const qHalts = new Float32Array(numRows);
    for (let row = 0; row < batch.count; row++) {
      const all = candidates(row);
      const bestQ = choose(all, 'best-q');
      const mode = choose(all, 'mode');
      const chosen = this.setting.choose === 'mode' ? mode : bestQ;
      preds.set(chosen.answer, row * seqLen);
      qHalts[row] = chosen.qHalt;

      const labels = batch.labels.subarray(row * seqLen, (row + 1) * seqLen);
      if (labels.every((label) => label === NOT_SCORED)) continue;
      this.#examples += 1;
      this.#steps += all.reduce((sum, { steps }) => sum + steps, 0);
      this.#cells += shareRight(chosen, labels);
      const isExact = (candidate: Candidate) => (shareRight(candidate, labels) === 1 ? 1 : 0);
      this.#exact.chosen += isExact(chosen);
      this.#exact.bestQ += isExact(bestQ);
      this.#exact.mode += isExact(mode);
      this.#exact.any += all.some((candidate) => isExact(candidate) === 1) ? 1 : 0;
    }
    const outputs = {
      preds: { shape: [numRows, seqLen], dtype: 'int32' as const, data: preds },
      ...(this.#halts && {
        q_halt_logits: { shape: [numRows], dtype: 'float32' as const, data: qHalts },
      }),
    };
    for (const evaluator of this.#evaluators) evaluator.update({ ...batch, outputs });
  }

  async result(): Promise<SettingResult> {
    const examples = Math.max(1, this.#examples);
    const share = (sum: number) => sum / examples;
    const { chosen, bestQ, mode, any } = this.#exact;
    const { trajectories, views } = this.setting;
    const metrics: Record<string, number> = {
      exact_accuracy: share(chosen),
      accuracy: share(this.#cells),
      ...(trajectories * views === 1
        ? {}
        : {
            ...(this.#halts && { exact_accuracy_best_q: share(bestQ) }),
            exact_accuracy_mode: share(mode),
            exact_accuracy_any: share(any),
          }),
    };
    for (const evaluator of this.#evaluators) {
      for (const [name, value] of Object.entries((await evaluator.result()).metrics)) {
        metrics[name] ??= value;
      }
    }
    return { ...this.setting, compute: share(this.#steps), examples: this.#examples, metrics };
  }
}

/** Right cells among those that are scored. */
function shareRight({ answer }: Candidate, labels: Int32Array): number {
  let scored = 0;
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === NOT_SCORED) continue;
    scored += 1;
    if (labels[i] === answer[i]) right += 1;
  }
  return right / scored;
}
