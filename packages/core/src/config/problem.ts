/** All that is wrong with a pipeline file, reported together. */
import { relative } from 'node:path';

import { EddyError } from '@eddy/tensor/errors';
import { formatOrigin, formatPath, type Origin, type Path } from './config-node.ts';

/** One thing to mend in a config. */
export interface Problem {
  /** A warning refuses nothing; an error by default. */
  readonly level?: 'error' | 'warning';
  readonly origin: Origin;
  /** Key path in the composed config; empty for what concerns the whole file. */
  readonly path: Path;
  readonly message: string;
  readonly expected?: string;
  readonly received?: string;
  readonly fix: string;
  /** The line of the file with a caret below the place, for what is wrong with the text itself. */
  readonly excerpt?: string;
  /** What a plugin threw. */
  readonly cause?: unknown;
}

/** An error of a plugin as one of the problems of the file that names it. */
export function problemOf(error: EddyError): Omit<Problem, 'origin' | 'path'> {
  const { code, message, at, expected, received, fix } = error.facts;
  return {
    message: `${code}: ${message}${at === undefined ? '' : ` (${at})`}`,
    ...(expected === undefined ? {} : { expected }),
    ...(received === undefined ? {} : { received }),
    fix,
    cause: error,
  };
}

/** `CONFIG_INVALID` with one block per problem; exits 2. */
export class ConfigInvalid extends EddyError {
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const sorted = [...problems].sort(byPlace);
    const count = sorted.length === 1 ? '1 problem' : `${sorted.length} problems`;
    super({
      code: 'CONFIG_INVALID',
      message: `${count} in ${shown(file)}`,
      at: sorted[0] === undefined ? file : place(sorted[0]),
      fix: 'fix each problem below, then run `pipeline validate`',
      exitCode: 2,
      // An error has one; where there are more, they follow when this is mended.
      cause: sorted.find(({ cause }) => cause !== undefined)?.cause,
    });
    this.problems = sorted;
    const more = sorted.length - MAX_BLOCKS;
    this.message = [
      `CONFIG_INVALID  ${count} in ${shown(file)}`,
      ...sorted.slice(0, MAX_BLOCKS).map(block),
      ...(more > 0 ? [`and ${more} more, which are shown once these are fixed`] : []),
    ].join('\n\n');
  }
}

/** A path as people type it: relative where that is shorter. */
export function shown(file: string): string {
  const short = relative(process.cwd(), file);
  return short === '' || short.startsWith('..') ? file : short;
}

function place(problem: Problem): string {
  return [formatOrigin(problem.origin, shown), formatPath(problem.path)].filter(Boolean).join('  ');
}

/** The problems as text, a block for each, in the order of their places. */
export function formatProblems(problems: readonly Problem[]): string[] {
  return [...problems].sort(byPlace).map(block);
}

/** A warning in one line, for messages of a run. */
export function formatWarning(problem: Problem): string {
  const { message, expected, received, fix } = problem;
  const facts = [
    ...(expected ? [`expected ${expected}`] : []),
    ...(received ? [`received ${received}`] : []),
  ];
  const inBrackets = facts.length === 0 ? '' : ` (${facts.join(', ')})`;
  return `${place(problem)}: ${message}${inBrackets}; fix: ${fix}`;
}

function block(problem: Problem): string {
  const lines = [clipped(place(problem)), `  ${clipped(problem.message)}`];
  if (problem.excerpt !== undefined) lines.push(problem.excerpt);
  if (problem.expected) lines.push(`  expected  ${clipped(problem.expected, MAX_EXPECTED)}`);
  if (problem.received) lines.push(`  received  ${clipped(problem.received)}`);
  lines.push(`  fix       ${problem.fix}`);
  return lines.join('\n');
}

const MAX_SHOWN = 500;
/** A list of all the names that are known is worth its lines. */
const MAX_EXPECTED = 5000;
/** Nobody reads more at once; a hostile file has thousands. */
const MAX_BLOCKS = 100;

/** What a file holds may be long, and one problem after another shows it. */
function clipped(text: string, most = MAX_SHOWN): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`;
}

const ORDER: Record<Origin['kind'], number> = { file: 0, override: 1, default: 2 };

function byPlace(a: Problem, b: Problem): number {
  if (a.origin.kind === 'file' && b.origin.kind === 'file') {
    return (
      a.origin.file.localeCompare(b.origin.file) ||
      a.origin.line - b.origin.line ||
      a.origin.column - b.origin.column
    );
  }
  if (a.origin.kind === 'override' && b.origin.kind === 'override') {
    return a.origin.index - b.origin.index;
  }
  return ORDER[a.origin.kind] - ORDER[b.origin.kind];
}
