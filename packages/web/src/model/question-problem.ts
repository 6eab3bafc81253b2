/** Questions that a model cannot answer: it would answer another one, and not say so. */
import type { Question } from './solver.ts';
import type { ModelFacts } from './web-model.ts';

/** Returns what is wrong with a question, as a sentence; undefined where the model can be asked it. */
export function questionProblem(
  { input, identifier }: Question,
  steps: number,
  { seqLen, vocabSize, identifiers, blankIdentifier }: ModelFacts,
): string | undefined {
  if (input.length !== seqLen) {
    return `the puzzle has ${input.length} tokens, and the model reads ${seqLen}`;
  }
  const wrong = Array.from(input).find((token) => !isBelow(token, vocabSize));
  if (wrong !== undefined) {
    return `${String(wrong)} is not a token of the model; its tokens are 0 to ${vocabSize - 1}`;
  }
  const isKnown =
    identifier === blankIdentifier ||
    (identifiers.length === 0
      ? isBelow(identifier, Infinity)
      : identifiers.some(({ id }) => id === identifier));
  if (!isKnown) return `the page has no identifier ${String(identifier)}`;
  if (!isBelow(steps, Infinity) || steps === 0) {
    return `${String(steps)} is not a valid number of supervision steps`;
  }
  return undefined;
}

function isBelow(value: unknown, bound: number): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < bound;
}
