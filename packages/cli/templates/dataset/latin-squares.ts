import {
  definePlugin,
  EddyError,
  randomStream,
  type DatasetSource,
  type Example,
  type ExampleSymmetries,
  type PuzzleGroup,
  type RandomStream,
} from '@eddy/core';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';

const config = z.strictObject({
  size: z.int().min(3).max(5).default(4).describe('rows, columns and symbols of a square'),
  train: z.int().min(1).default(500).describe('number of puzzles to train on'),
  test: z.int().min(1).default(100).describe('number of puzzles to test on'),
  clues: z.int().min(1).default(6).describe('smallest number of given cells'),
  seed: z.int().min(0).default(0).describe('seed of the puzzles'),
});

/** Tokens: 0 is padding, 1 an empty cell, symbol s is s + 1. */
const EMPTY = 1;
/** Share of the symmetry classes that only test puzzles come from. */
const HELD_OUT = 0.3;
const MAX_DRAWS_PER_PUZZLE = 200;

/** Latin squares with empty cells: each symbol once in every row and every column, one solution. */
export class LatinSquares implements DatasetSource {
  readonly splits = ['train', 'test'];
  readonly symmetries = latinSymmetries;
  readonly #options: z.output<typeof config>;

  constructor(options: z.output<typeof config>) {
    this.#options = options;
  }

  describe() {
    const { size } = this.#options;
    return {
      vocabSize: size + 2,
      seqLen: size * size,
      grid: { rows: size, cols: size },
      task: latinSymmetries.task,
      numPuzzleIdentifiers: 1,
    };
  }

  metadata() {
    return { ...this.describe(), padId: 0, ignoreLabelId: 0, blankIdentifierId: 0 };
  }

  identifiers() {
    return ['<blank>'];
  }

  /** Nothing is read: the options alone decide. Change this when the same options make other puzzles. */
  fingerprint() {
    return Promise.resolve('1');
  }

  async *groups(split: string, signal: AbortSignal): AsyncGenerator<PuzzleGroup> {
    const { size, clues, seed, train, test } = this.#options;
    const count = split === 'train' ? train : test;
    const random = randomStream(seed);
    const seen = new Set<string>();
    for (let draw = 0; seen.size < count; draw++) {
      await setImmediate();
      signal.throwIfAborted();
      if (draw > count * MAX_DRAWS_PER_PUZZLE) throw tooFewPuzzles(split, count, seen.size);
      const example = drawPuzzle(size, clues, random.stream(split, draw));
      // A symmetry class lies in one split, so that no test puzzle is a training puzzle in disguise.
      const held = random.stream('held-out', fingerprint(example)).uniform() < HELD_OUT;
      if (held !== (split === 'test') || seen.has(String(example.input))) continue;
      seen.add(String(example.input));
      yield { puzzles: [{ identifier: 0, examples: [example] }] };
    }
  }

  parse(text: string) {
    const { size } = this.#options;
    const tokens: number[] = [];
    for (const [row, line] of text.split('\n').entries()) {
      for (const [column, character] of [...line].entries()) {
        if (/\s/.test(character)) continue;
        const symbol = character === '.' ? 0 : '0123456789'.indexOf(character);
        if (symbol < 0 || symbol > size) {
          const received = JSON.stringify(character);
          throw notAPuzzle(
            `${row + 1}:${column + 1}`,
            `a symbol from 1 to ${size} or "."`,
            received,
          );
        }
        tokens.push(symbol + 1);
      }
    }
    if (tokens.length !== size * size)
      throw notAPuzzle('1:1', `${size * size} cells`, tokens.length);
    return { puzzles: [{ input: Uint8Array.from(tokens) }] };
  }

  format(tokens: Uint8Array) {
    return Array.from(tokens, (token) => (token > EMPTY ? token - 1 : '.')).join('');
  }

  violations(input: Uint8Array, answer: Uint8Array) {
    const size = Math.sqrt(input.length);
    const problems: string[] = [];
    if (input.some((token, i) => token > EMPTY && answer[i] !== token))
      problems.push('a clue differs');
    for (let line = 0; line < size; line++) {
      const row = answer.slice(line * size, (line + 1) * size);
      const column = answer.filter((_, i) => i % size === line);
      if (!isWhole(row)) problems.push(`row ${line + 1} has not every symbol once`);
      if (!isWhole(column)) problems.push(`column ${line + 1} has not every symbol once`);
    }
    return problems;
  }
}

function isWhole(line: Uint8Array): boolean {
  const symbols = new Set(line);
  return symbols.size === line.length && !symbols.has(0) && !symbols.has(EMPTY);
}

/** A random square, from which cells are emptied while one solution is left. */
function drawPuzzle(size: number, clues: number, random: RandomStream): Example {
  const [label] = solutions(new Uint8Array(size * size).fill(EMPTY), size, random);
  const input = label!.slice();
  let given = input.length;
  for (const cell of random.permutation(input.length)) {
    if (given === clues) break;
    input[cell] = EMPTY;
    const [, second] = solutions(input, size);
    if (second === undefined) given -= 1;
    else input[cell] = label![cell]!;
  }
  return { input, label: label!, rating: input.length - given };
}

/** All completions of a square, in the order of the symbols, or in a random one. */
function* solutions(
  square: Uint8Array,
  size: number,
  random?: RandomStream,
): Generator<Uint8Array> {
  const cell = square.indexOf(EMPTY);
  if (cell === -1) return yield square;
  const row = Math.floor(cell / size);
  const order = random?.permutation(size) ?? Array.from({ length: size }, (_, i) => i);
  for (const symbol of order) {
    const token = EMPTY + 1 + symbol;
    const isTaken = square.some(
      (other, i) => other === token && (Math.floor(i / size) === row || i % size === cell % size),
    );
    if (isTaken) continue;
    yield* solutions(square.with(cell, token), size, random);
  }
}

/** Rows, columns and symbols may each be permuted, and rows exchanged with columns. */
const latinSymmetries: ExampleSymmetries = {
  task: 'latin-squares',
  fingerprint,
  canonicalKey({ input }) {
    const size = Math.sqrt(input.length);
    const orders = permutations(size);
    let least: string | undefined;
    for (const square of [input, transposed(input)]) {
      for (const rows of orders) {
        for (const columns of orders) {
          const key = renamed(rows.flatMap((r) => columns.map((c) => square[r * size + c]!)));
          if (least === undefined || key < least) least = key;
        }
      }
    }
    return least!;
  },
};

/** The same for all puzzles of a symmetry class: how full row, column and symbol of each clue are. */
function fingerprint({ input }: Pick<Example, 'input'>): string {
  const size = Math.sqrt(input.length);
  const profile = (square: Uint8Array) => {
    const clues = Array.from(square, (token, cell) => ({ token, row: Math.floor(cell / size), column: cell % size })); // prettier-ignore
    const given = clues.filter(({ token }) => token > EMPTY);
    const count = (key: 'token' | 'row' | 'column', value: number) =>
      given.filter((clue) => clue[key] === value).length;
    return given
      .map(
        ({ token, row, column }) =>
          `${count('row', row)}${count('column', column)}${count('token', token)}`,
      ) // prettier-ignore
      .sort()
      .join();
  };
  return [profile(input), profile(transposed(input))].sort()[0]!;
}

/** Symbols by the order in which they occur: equal for squares that differ in their symbols' names. */
function renamed(tokens: readonly number[]): string {
  const names = new Map([[EMPTY, 0]]);
  return tokens
    .map((token) => {
      if (!names.has(token)) names.set(token, names.size);
      return names.get(token)!;
    })
    .join('');
}

function transposed(square: Uint8Array): Uint8Array {
  const size = Math.sqrt(square.length);
  return square.map((_, i) => square[(i % size) * size + Math.floor(i / size)]!);
}

function permutations(size: number): number[][] {
  if (size === 0) return [[]];
  return permutations(size - 1).flatMap((order) =>
    Array.from({ length: size }, (_, at) => order.toSpliced(at, 0, size - 1)),
  );
}

function notAPuzzle(at: string, expected: string, received: string | number): EddyError {
  return new EddyError({
    code: 'PUZZLE_INVALID',
    message: 'the text is not a Latin square',
    at,
    expected,
    received: String(received),
    fix: 'correct the text at this place',
    exitCode: 2,
  });
}

function tooFewPuzzles(split: string, wanted: number, found: number): EddyError {
  return new EddyError({
    code: 'LATIN_SQUARES_EXHAUSTED',
    message: `there are too few different puzzles for the split ${split}`,
    expected: `${wanted} puzzles`,
    received: `${found} after ${wanted * MAX_DRAWS_PER_PUZZLE} draws`,
    fix: 'ask for fewer puzzles, or for a larger size',
    exitCode: 2,
  });
}

export default definePlugin({
  kind: 'dataset',
  name: 'latin-squares',
  apiVersion: 1,
  summary: 'Latin squares with empty cells and one solution, generated',
  config,
  create: (options) => new LatinSquares(options),
});
