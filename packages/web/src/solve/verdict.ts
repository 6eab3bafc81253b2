/** What is said of an answer: by the rules, by the dataset, and by the model itself. */
import type { WebThought } from '../model/solver.ts';
import type { ModelFacts } from '../model/web-model.ts';
import type { PuzzleKind, Violations } from './kinds/index.ts';
import type { Asked } from './asked.ts';

export interface Verdict {
  readonly tone: 'good' | 'bad' | 'neutral';
  readonly title: string;
  /** What the model thinks of its answer, and how sure it is of the cells. */
  readonly belief: string;
  readonly violations: Violations;
}

/** Judges an answer by the rules of its kind, else by the solution of the dataset. */
export function verdictOf({
  about,
  kind,
  asked,
  solution,
  thought,
}: {
  readonly about: Pick<ModelFacts, 'notScored'>;
  readonly kind: PuzzleKind;
  readonly asked: Asked;
  readonly solution: Uint8Array | undefined;
  readonly thought: WebThought;
}): Verdict {
  const belief = beliefOf(thought);
  const violations = kind.judgeAnswer?.(asked.cells, thought.preds);
  if (violations !== undefined) {
    return violations.length === 0
      ? { tone: 'good', title: 'Right: it keeps the puzzle and the rules.', belief, violations }
      : { tone: 'bad', title: 'Wrong.', belief, violations };
  }
  const none = { belief, violations: [] };
  if (solution === undefined) {
    return { tone: 'neutral', title: 'The right answer to this puzzle is unknown.', ...none };
  }
  const wrong = solution.filter(
    (token, cell) => token !== about.notScored && token !== thought.preds[cell],
  ).length;
  return wrong === 0
    ? { tone: 'good', title: 'It equals the dataset’s solution.', ...none }
    : {
        tone: 'bad',
        title: `${wrong} ${wrong === 1 ? 'cell differs' : 'cells differ'} from the solution.`,
        ...none,
      };
}

function beliefOf({ halt, probabilities }: WebThought): string {
  const parts: string[] = [];
  if (halt !== undefined) {
    parts.push(halt > 0 ? 'The model judges it correct' : 'The model would continue');
  }
  if (probabilities !== undefined) {
    const least = probabilities.reduce((low, x) => Math.min(low, x), 1);
    const percent = Math.floor(least * 1000) / 10;
    parts.push(`${parts.length > 0 ? 'it' : 'It'} is at least ${percent} % sure of each cell`);
  }
  return parts.length === 0 ? '' : `${parts.join('; ')}.`;
}
