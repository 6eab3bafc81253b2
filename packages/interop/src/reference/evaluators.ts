/** `evaluators` and `eval_save_outputs` of the reference: our evaluators, with their options. */
import { printValue, type Draft, type ReferenceValue } from './draft.ts';
import type { KeyContext } from './reference-key.ts';

const ARC_OPTIONS: Readonly<Record<string, string>> = {
  submission_K: 'submissionK',
  pass_Ks: 'passKs',
  aggregated_voting: 'pooled',
};
const TENSORS = [
  'inputs',
  'labels',
  'puzzle_identifiers',
  'logits',
  'preds',
  'q_halt_logits',
  'q_continue_logits',
];

/** Solved or not is measured in any case. */
export function carryEvaluators({ draft, value, comment, other, task }: KeyContext): void {
  const evaluators: unknown[] = ['exact-accuracy'];
  if (task === 'sudoku' || task === 'maze') evaluators.push(`${task}-validity`);
  for (const item of Array.isArray(value) ? (value as readonly ReferenceValue[]) : []) {
    const { name, ...options } = Object(item) as Record<string, ReferenceValue>;
    if (name !== 'arc@ARC') {
      draft.note(
        `evaluators: ${printValue(name)}`,
        'a class of your own must be written as a plugin',
      );
    } else if (task === 'arc') evaluators.push(arcVoting(options, draft));
    // The reference builds it, fails, and goes on without.
    else if (task !== undefined)
      draft.note('evaluators: arc@ARC', `there is no ARC in ${task} data`);
    else
      draft.note('evaluators: arc@ARC', 'if these folders are ARC’s, add arc-voting to evaluate');
  }
  const saved = tensorsOf(other('eval_save_outputs'), draft);
  if (saved.length > 0) evaluators.push({ use: 'predictions', tensors: saved });
  draft.set('evaluate.evaluators', evaluators, `${comment}; exact accuracy by difficulty besides`);
}

/** `aggregated_voting` is on by default there. */
function arcVoting(options: Readonly<Record<string, ReferenceValue>>, draft: Draft): object {
  const carried: Record<string, ReferenceValue> = { pooled: true };
  for (const [option, setting] of Object.entries(options)) {
    const ours = ARC_OPTIONS[option];
    if (ours !== undefined) carried[ours] = setting;
    else draft.note(`evaluators: arc@ARC ${option}`, 'not an option of the evaluator');
  }
  return { use: 'arc-voting', ...carried };
}

function tensorsOf(names: ReferenceValue | undefined, draft: Draft): ReferenceValue[] {
  const wanted = Array.isArray(names) ? (names as readonly ReferenceValue[]) : [];
  const [known, unknown] = [true, false].map((is) =>
    wanted.filter((name) => TENSORS.includes(printValue(name)) === is),
  );
  for (const name of unknown!) {
    draft.note(`eval_save_outputs: ${printValue(name)}`, `one of ${TENSORS.join(', ')} here`);
  }
  return known!;
}

/** The one evaluation, once for each split, in stages of their own. */
export function evaluateEach(splits: readonly string[], draft: Draft): void {
  const { evaluators } = draft.value['evaluate'] as { evaluators: unknown };
  for (const [i, split] of splits.entries()) {
    const stage = i === 0 ? 'evaluate' : `evaluate-${i + 1}`;
    if (i > 0) draft.set(`${stage}.use`, 'evaluate', 'each folder’s test split by itself');
    draft.set(`${stage}.split`, split, 'data_paths');
    draft.set(`${stage}.evaluators`, evaluators, 'evaluators');
  }
}
