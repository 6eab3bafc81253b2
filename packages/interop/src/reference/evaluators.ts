/** `evaluators` of the reference: ours, with its options. */
import { printValue, type ReferenceValue } from './draft.ts';
import type { KeyContext } from './keys.ts';

const ARC_OPTIONS: Readonly<Record<string, string>> = {
  submission_K: 'submissionK',
  pass_Ks: 'passKs',
};

/** Solved or not is measured in any case. */
export function carryEvaluators({ draft, value, comment, task }: KeyContext): void {
  const evaluators: unknown[] = ['exact-accuracy'];
  if (task === 'sudoku') evaluators.push('sudoku-validity');
  for (const item of Array.isArray(value) ? (value as readonly ReferenceValue[]) : []) {
    const { name, ...options } = Object(item) as Record<string, ReferenceValue>;
    if (name !== 'arc@ARC') {
      draft.note(
        `evaluators: ${printValue(name)}`,
        'a class of your own must be written as a plugin',
      );
      continue;
    }
    if (task !== 'arc') {
      // The reference builds it, fails, and goes on without.
      if (task !== undefined) draft.note('evaluators: arc@ARC', `there is no ARC in ${task} data`);
      continue;
    }
    const carried: Record<string, ReferenceValue> = {};
    for (const [option, setting] of Object.entries(options)) {
      const ours = ARC_OPTIONS[option];
      if (ours !== undefined) carried[ours] = setting;
      else if (option === 'aggregated_voting') carried['pooled'] = setting;
      else draft.note(`evaluators: arc@ARC ${option}`, 'not an option of the evaluator');
    }
    evaluators.push({ use: 'arc-voting', ...carried });
  }
  draft.set('evaluate.evaluators', evaluators, `${comment}; exact accuracy by difficulty besides`);
}
