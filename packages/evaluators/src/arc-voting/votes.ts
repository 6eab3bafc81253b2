/** Votes for answers to test pairs of ARC tasks. */
import type { Grid } from '@eddy/puzzles';

/** An answer and who gave it. */
export interface Candidate {
  readonly key: GridKey;
  readonly grid: Grid;
  votes: number;
  /** Sum over its votes of the probability that the model held itself solved. */
  sumOfQ: number;
}

/** A grid as text, rows of digits divided by "/": equal grids have equal keys. */
export type GridKey = string;

/** task → test input → candidates, each in the order first seen. */
export class Votes {
  readonly #tasks = new Map<string, Map<GridKey, Map<GridKey, Candidate>>>();

  add(task: string, input: Grid, answer: Grid, q: number, votes = 1): void {
    const pairs = entryOf(this.#tasks, task, () => new Map<GridKey, Map<GridKey, Candidate>>());
    const candidates = entryOf(pairs, gridKey(input), () => new Map<GridKey, Candidate>());
    const key = gridKey(answer);
    const candidate = entryOf(candidates, key, () => ({
      key,
      grid: answer,
      votes: 0,
      sumOfQ: 0,
    }));
    candidate.votes += votes;
    candidate.sumOfQ += q;
  }

  /** Answers to a test pair, by votes, then by mean q; of equals the first seen is first. */
  ranked(task: string, input: Grid): Candidate[] {
    const candidates = this.#tasks.get(task)?.get(gridKey(input))?.values() ?? [];
    return [...candidates].sort((a, b) => b.votes - a.votes || meanQ(b) - meanQ(a));
  }

  toJson(): VotesFile {
    const tasks = Object.fromEntries(
      Array.from(this.#tasks, ([task, pairs]) => [
        task,
        Array.from(pairs, ([input, candidates]) => ({
          input,
          answers: Array.from(candidates.values(), ({ key, votes, sumOfQ }) => ({
            answer: key,
            votes,
            sumOfQ,
          })),
        })),
      ]),
    );
    return { format: 'eddy-arc-votes/1', tasks };
  }

  /** Adds the votes of a file. */
  addAll({ tasks }: VotesFile): void {
    for (const [task, pairs] of Object.entries(tasks)) {
      for (const { input, answers } of pairs) {
        for (const { answer, votes, sumOfQ } of answers) {
          this.add(task, gridOfKey(input), gridOfKey(answer), sumOfQ, votes);
        }
      }
    }
  }
}

export interface VotesFile {
  readonly format: 'eddy-arc-votes/1';
  readonly tasks: Readonly<
    Record<
      string,
      readonly {
        readonly input: GridKey;
        readonly answers: readonly {
          readonly answer: GridKey;
          readonly votes: number;
          readonly sumOfQ: number;
        }[];
      }[]
    >
  >;
}

export function gridKey({ rows, cols, cells }: Grid): GridKey {
  const digits = cells.join('');
  return Array.from({ length: rows }, (_, row) => digits.slice(row * cols, (row + 1) * cols)).join(
    '/',
  );
}

function gridOfKey(key: GridKey): Grid {
  const lines = key === '' ? [] : key.split('/');
  const cells = Uint8Array.from(lines.join(''), Number);
  return { rows: lines.length, cols: lines[0]?.length ?? 0, cells };
}

function meanQ({ sumOfQ, votes }: Candidate): number {
  return sumOfQ / votes;
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
