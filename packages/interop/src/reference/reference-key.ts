/** What a key of the reference's configuration becomes here. */
import type { Draft, ReferenceValue } from './draft.ts';

export interface KeyContext {
  readonly draft: Draft;
  /** The key in full: `arch.hidden_size`. */
  readonly key: string;
  readonly value: ReferenceValue;
  /** Behind the value in our file: the key, and whether nobody gave it. */
  readonly comment: string;
  /** Other values of the composed config. */
  readonly other: (key: string) => ReferenceValue | undefined;
  /** What is solved: `sudoku`, `maze`, `arc`, or unknown. */
  readonly task: string | undefined;
}

export interface ReferenceKey {
  readonly meaning: string;
  /** For people: our key, or what stands for it. */
  readonly ours: string;
  readonly carry: (context: KeyContext) => void;
}

/** One key here has the same meaning. */
export function as(path: string, meaning: string): ReferenceKey {
  return {
    meaning,
    ours: path,
    carry: ({ draft, value, comment }) => draft.set(path, value, comment),
  };
}

/** One key there is several here. */
export function asAll(paths: readonly string[], meaning: string): ReferenceKey {
  return {
    meaning,
    ours: paths.join(', '),
    carry: ({ draft, value, comment }) => {
      for (const path of paths) draft.set(path, value, comment);
    },
  };
}

/** Left out, and said, unless the value is one that does nothing there either. */
export function left(
  ours: string,
  meaning: string,
  idle: (value: ReferenceValue) => boolean,
  why: string,
) {
  return {
    meaning,
    ours,
    carry: ({ draft, key, value }: KeyContext) => {
      if (!idle(value)) draft.note(`${key}=${JSON.stringify(value)}`, why);
    },
  } satisfies ReferenceKey;
}

export const isEmpty = (value: ReferenceValue) =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);
export const always = () => true;

/** Written down or shown, and of no influence on the numbers: left out, and said. */
export function noInfluence(meaning: string): ReferenceKey {
  return left('none', meaning, () => false, `${meaning}: of no influence on the numbers`);
}
