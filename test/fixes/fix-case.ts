/** A situation that raises an error, and the way that its fix leads out of it. */
import { execFileSync } from 'node:child_process';

import type { EddyError } from '@eddy/tensor/errors';
import { beforeAll, describe, expect, it, vi } from 'vitest';

import { shownError, typedIn, type Typed } from './fix-text.ts';
import { Place, type Environment } from './place.ts';

export interface FixCase {
  readonly code: string;
  /** What the user has done. */
  readonly when: string;
  /** Raises the error, follows its fix, and proves that this was the end of it. */
  readonly follow: (place: Place) => Promise<void>;
}

/** A command as it was typed. */
export interface Attempt {
  readonly words: readonly string[];
  readonly environment?: Environment;
}

/** A person's action for a fix that is more than something to type. */
export type Edit = (
  place: Place,
  fix: string,
  attempt: Attempt,
) => void | Attempt | Promise<void | Attempt>;

export interface CommandCase extends Attempt {
  readonly code: string;
  readonly when: string;
  /** Name → content. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly before?: (place: Place) => void | Promise<void>;
  /** Follows the fix by hand; by default what stands in backticks is typed. One for each error. */
  readonly edits?: readonly (Edit | undefined)[];
  /** The error that the first fix leads to, whose fix leads to the goal. */
  readonly then?: string;
  /** The command that the fix gives is a step on the way: afterwards the first one is typed again. */
  readonly again?: boolean;
  /** What the command must have written or made at the end. */
  readonly goal?: (place: Place, output: string) => void | Promise<void>;
}

/** A case in which a command of `pipeline` fails. */
export function command(facts: CommandCase): FixCase {
  const { code, when } = facts;
  return { code, when, follow: (place) => followCommand(facts, place) };
}

async function followCommand(facts: CommandCase, place: Place): Promise<void> {
  const { files = {}, before, edits = [], then, again = false, goal } = facts;
  for (const [name, content] of Object.entries(files)) await place.write(name, content);
  await before?.(place);
  let attempt: Attempt = facts;
  const expected = then === undefined ? [facts.code] : [facts.code, then];
  for (const [index, code] of expected.entries()) {
    const { exitCode, output } = await place.pipeline(attempt.words, attempt.environment);
    const error = shownError(output);
    expect(error?.code, `${exitCode}: ${output}`).toBe(code);
    expect(exitCode).not.toBe(0);
    for (const fix of error!.fixes) {
      const edit = edits[index] ?? typeIt(again);
      attempt = (await edit(place, fix, attempt)) ?? attempt;
    }
  }
  const { exitCode, output } = await place.pipeline(attempt.words, attempt.environment);
  expect(exitCode, `pipeline ${attempt.words.join(' ')}\n${output}`).toBe(0);
  await goal?.(place, output);
}

/** Types what the fix has in backticks. */
function typeIt(again: boolean): Edit {
  return async (place, fix, attempt) => {
    const typed = typedIn(fix);
    expect(typed, `nothing to type in: ${fix}`).toBeDefined();
    const next = await typedInto(typed!, attempt, place);
    if (!again) return next;
    const { exitCode, output } = await place.pipeline(next.words, next.environment);
    expect(exitCode, output).toBe(0);
    return attempt;
  };
}

async function typedInto(typed: Typed, attempt: Attempt, place: Place): Promise<Attempt> {
  const { words, environment = {} } = attempt;
  switch (typed.kind) {
    case 'command': {
      const [program, ...rest] = typed.words;
      if (program === 'pipeline') return { ...attempt, words: rest };
      execFileSync(program!, rest, { cwd: place.folder });
      return attempt;
    }
    case 'variable':
      return { ...attempt, environment: { ...environment, [typed.name]: typed.value } };
    case 'option': {
      const at = words.indexOf(typed.words[0]!);
      const kept = at === -1 ? words : words.toSpliced(at, typed.words.length);
      return { ...attempt, words: [...kept, ...typed.words] };
    }
    case 'override': {
      const keys = new Set(typed.words.map(keyOf));
      return { ...attempt, words: [...words.filter((w) => !keys.has(keyOf(w))), ...typed.words] };
    }
  }
}

const keyOf = (word: string) => /^[+~]{0,2}([\w.]+)=/.exec(word)?.[1] ?? word;

/** Edits the pipeline file: puts text where other text is. */
export const inFile =
  (says: string | RegExp, name: string, from: string | RegExp, to: string): Edit =>
  async (place, fix) => {
    expect(fix).toMatch(says);
    await place.edit(name, from, to);
  };

/** Takes the name that the fix proposes in place of the one that was given. */
export const didYouMean =
  (given: string): Edit =>
  async (place, fix, attempt) => {
    const meant = /did you mean ([^?]+)\?/.exec(fix)?.[1];
    expect(meant, fix).toBeDefined();
    if (await hasText(place, given)) await place.edit('p.yml', given, meant!);
    return { ...attempt, words: attempt.words.map((word) => word.replace(given, meant!)) };
  };

const hasText = async (place: Place, text: string) =>
  place.has('p.yml') && (await place.read('p.yml')).includes(text);

/** Other words for the whole command, which the fix must name. */
export const instead =
  (says: string | RegExp, ...words: string[]): Edit =>
  (_place, fix, attempt) => {
    expect(fix).toMatch(says);
    return { ...attempt, words };
  };

/** A case in which a program of a user, or a part that only such programs reach, fails. */
export function program(facts: {
  readonly code: string;
  readonly when: string;
  readonly raise: (place: Place) => unknown;
  /** What the fix must say for `followed` to be what it says. */
  readonly says: string | RegExp;
  readonly followed: (place: Place, fix: string) => unknown;
}): FixCase {
  const { code, when, raise, says, followed } = facts;
  return {
    code,
    when,
    follow: async (place) => {
      const error = await thrownBy(() => raise(place));
      expect(error?.facts?.code, String(error)).toBe(code);
      expect(error!.facts.fix).toMatch(says);
      await followed(place, error!.facts.fix);
    },
  };
}

async function thrownBy(work: () => unknown): Promise<EddyError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error as EddyError;
  }
}

/** Runs the cases of a room. */
export function followFixes(room: string, cases: readonly FixCase[]): void {
  describe(`the fixes of ${room}`, () => {
    // A command ends its process some time after a run.
    beforeAll(() => void vi.spyOn(process, 'exit').mockImplementation(() => undefined as never));
    for (const { code, when, follow } of cases) {
      it(`${code}: ${when}`, async () => {
        // The commands of fixes must quote its path.
        const place = await Place.make('eddy fixes');
        try {
          await follow(place);
        } finally {
          await place.remove();
        }
      });
    }
  });
}
