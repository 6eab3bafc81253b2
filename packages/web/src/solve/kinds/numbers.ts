import type { Misreading } from '@eddy/puzzles';

import type { PuzzleKind } from './puzzle-kind.ts';

/** Returns what a page does with a plugin's own data: tokens are numbers, and nobody knows the rules. */
export function numbersKind({
  seqLen,
  vocabSize,
}: {
  readonly seqLen: number;
  readonly vocabSize: number;
}): PuzzleKind {
  const token = (_: unknown, value: number) => ({
    name: String(value),
    text: String(value),
    key: String(value),
  });
  return {
    style: { tokens: Array.from({ length: vocabSize }, token) },
    howToEdit: `Choose a cell and type a token from 0 to ${vocabSize - 1}.`,
    howToPaste: `${seqLen} tokens from 0 to ${vocabSize - 1}, with spaces, commas or lines between them.`,
    blank: () => new Uint8Array(seqLen),
    read: (text) => readNumbers(text, seqLen, vocabSize),
  };
}

function readNumbers(
  text: string,
  seqLen: number,
  vocabSize: number,
): readonly Uint8Array[] | Misreading {
  const tokens: number[] = [];
  for (const [line, content] of text.split(/\r?\n/).entries()) {
    for (const { 0: word, index } of content.matchAll(/[^\s,;[\]]+/g)) {
      const value = Number(word);
      if (!Number.isInteger(value) || value < 0 || value >= vocabSize) {
        const expected = `a token from 0 to ${vocabSize - 1}`;
        return { line: line + 1, column: index + 1, expected, received: JSON.stringify(word) };
      }
      tokens.push(value);
    }
  }
  if (tokens.length === seqLen) return [Uint8Array.from(tokens)];
  return { line: 1, column: 1, expected: `${seqLen} tokens`, received: `${tokens.length}` };
}
