/**
 * The one error class of Eddy. Every error a user can cause is an `EddyError` made by a factory in
 * its package's `errors.ts`; our own bugs are `InternalError`.
 */

/** What a reader needs to mend an error: where it is, what was wanted, what was found, what to do. */
export interface ErrorFacts {
  /** SCREAMING_SNAKE_CASE, stable; `docs/errors.md` has one heading per code. */
  readonly code: string;
  /** One line, no full stop. */
  readonly message: string;
  /** `file:line:col key.path`, a node of a graph, a file of a run … */
  readonly at?: string;
  readonly expected?: string;
  readonly received?: string;
  /** What to type or change. */
  readonly fix: string;
  readonly cause?: unknown;
  /** 1 run failed (default), 2 usage or configuration, 75 stopped: resume me. */
  readonly exitCode?: 1 | 2 | 75;
}

export class EddyError extends Error {
  readonly code: string;
  readonly facts: ErrorFacts;
  readonly exitCode: number;

  constructor(facts: ErrorFacts) {
    super(formatFacts(facts), facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'EddyError';
    this.code = facts.code;
    this.facts = facts;
    this.exitCode = facts.exitCode ?? 1;
  }
}

/** A defect of Eddy itself: exits 70 and asks for a report. */
export class InternalError extends Error {
  readonly code = 'INTERNAL';
  readonly exitCode = 70;

  constructor(message: string, options?: ErrorOptions) {
    super(`internal: ${message}`, options);
    this.name = 'InternalError';
  }
}

/** Returns a word as a POSIX shell takes it, for the commands in a fix: a path with a blank goes in quotes. */
export function shellWord(word: string): string {
  return /^[\w.,=+@/:%-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function formatFacts(facts: ErrorFacts): string {
  const lines = [`${facts.code}  ${facts.message}`];
  if (facts.at !== undefined) lines.push(`  at        ${facts.at}`);
  if (facts.expected !== undefined) lines.push(`  expected  ${facts.expected}`);
  if (facts.received !== undefined) lines.push(`  received  ${facts.received}`);
  lines.push(`  fix       ${facts.fix}`);
  return lines.join('\n');
}
