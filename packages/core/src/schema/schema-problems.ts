/** What zod found wrong, in the words of someone who mends a pipeline file. */
import type { z } from 'zod';

import type { Path } from '../config/config-node.ts';
import { nearest } from '../config/nearest.ts';
import { withSpace } from '../config/source-lines.ts';
import { schemaAt, shapeOf } from './schema-walk.ts';

type Issue = z.core.$ZodIssue;

/** A problem inside a value, before it has a place in a file. */
export interface ValueProblem {
  readonly path: Path;
  /** The place is the key itself, not its value. */
  readonly atKey: boolean;
  readonly message: string;
  readonly expected?: string;
  readonly received?: string;
  readonly fix: string;
  /** The key is not known where it stands; it may be elsewhere. */
  readonly isUnknownKey?: true;
  readonly cause?: unknown;
}

/**
 * @param schema  that refused `value`
 * @param extraKeys  keys that are allowed besides the schema's own, for suggestions (`use`)
 */
export function problemsOf(
  issues: readonly Issue[],
  schema: z.core.$ZodType,
  value: unknown,
  extraKeys: readonly string[] = [],
): ValueProblem[] {
  return issues.flatMap((issue) => describe(issue, schema, value, extraKeys));
}

function describe(
  issue: Issue,
  schema: z.core.$ZodType,
  root: unknown,
  extraKeys: readonly string[],
): ValueProblem[] {
  const path = issue.path as Path;
  const value = valueAt(root, path);
  const common = { path, atKey: false, received: show(value) };
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, schema, extraKeys));
    case 'invalid_type':
      return [{ ...common, ...wrongType(issue, value) }];
    case 'invalid_value': {
      const choices = issue.values.map((item) => String(item));
      const expected = choices.join(', ');
      if (value === undefined) return [{ ...common, ...missing(path, expected) }];
      const near = typeof value === 'string' ? nearest(value, choices) : undefined;
      const fix = near === undefined ? 'write one of these' : `did you mean ${near}?`;
      const message = issue.values.length === 1 ? 'another value' : 'not one of the choices';
      return [{ ...common, message, expected, fix }];
    }
    case 'invalid_union':
      return describeUnion(issue, schema, root, extraKeys);
    case 'too_small':
    case 'too_big': {
      const sized = ['string', 'array', 'set', 'map'].includes(issue.origin);
      const unit = !sized ? '' : issue.origin === 'string' ? ' characters' : ' items';
      const [word, bound] =
        issue.code === 'too_small'
          ? [issue.inclusive === false ? 'more than' : 'at least', issue.minimum]
          : [issue.inclusive === false ? 'less than' : 'at most', issue.maximum];
      const message = issue.code === 'too_small' ? 'too small' : 'too big';
      return [
        {
          ...common,
          message: sized ? message.replace('small', 'short').replace('big', 'long') : message,
          expected: `${word} ${String(bound)}${unit}`,
          fix: 'change the value to fit',
        },
      ];
    }
    default: {
      const params = (issue as { params?: { expected?: string; fix?: string } }).params;
      const facts = {
        message: issue.message,
        ...(params?.expected === undefined ? {} : { expected: params.expected }),
        fix: params?.fix ?? 'change the value to fit',
      };
      return [{ ...common, ...facts }];
    }
  }
}

function unknownKey(
  key: string,
  path: Path,
  schema: z.core.$ZodType,
  extraKeys: readonly string[],
): ValueProblem {
  const at = schemaAt(schema, path);
  const shape = at === undefined ? undefined : shapeOf(at);
  const known = [...(path.length === 0 ? extraKeys : []), ...Object.keys(shape ?? {})];
  const near = nearest(key, known);
  const spaced = withSpace(key);
  return {
    path: [...path, key],
    atKey: true,
    message: `unknown key ${key}`,
    expected: known.length > 0 ? `one of ${known.join(', ')}` : 'no keys here',
    fix:
      spaced !== undefined
        ? `a space is missing: write ${spaced}`
        : near === undefined
          ? 'remove it'
          : `did you mean ${near}?`,
    isUnknownKey: true,
  };
}

function wrongType(
  issue: Extract<Issue, { code: 'invalid_type' }>,
  value: unknown,
): Pick<ValueProblem, 'message' | 'expected' | 'fix'> {
  const partKind = (issue as { params?: { partKind?: string } }).params?.partKind;
  const expected =
    partKind === undefined
      ? nameOfType(issue.expected)
      : `the name of a plugin of kind ${partKind}, or { use: name, ...options }`;
  if (value === undefined) return missing(issue.path as Path, expected);
  const isNumber = ['number', 'int', 'bigint'].includes(issue.expected);
  let fix = `write ${expected}`;
  const spaced = typeof value === 'string' ? withSpace(value) : undefined;
  const unquoted = typeof value === 'string' ? value.replace(/^[“”‘’„«»]|[“”‘’„«»]$/g, '') : '';
  if (isNumber && unquoted !== '' && Number.isFinite(Number(unquoted))) {
    fix = 'remove the quotes';
  } else if (spaced !== undefined && issue.expected !== 'string') {
    fix = `a space is missing: write ${spaced}`;
  } else if (
    issue.expected === 'array' &&
    (typeof value === 'string' || typeof value === 'number')
  ) {
    fix = `write [${value}]`;
  } else if (isNumber && Number.isFinite(value)) {
    fix = 'write a whole number';
  } else if (issue.expected === 'boolean') {
    const isQuoted = typeof value === 'string' && /^(true|false)$/i.test(value);
    fix = isQuoted ? 'remove the quotes' : 'write true or false';
  } else if (issue.expected === 'string' && ['number', 'boolean'].includes(typeof value)) {
    fix = partKind === undefined ? 'put it in quotes' : fix;
  } else if (partKind !== undefined && isMap(value)) {
    return {
      message: 'this map does not say which plugin it configures',
      expected,
      fix: `add use: and the name of a plugin of kind ${partKind}`,
    };
  }
  return { message: 'wrong type', expected, fix };
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function missing(path: Path, expected: string): Pick<ValueProblem, 'message' | 'expected' | 'fix'> {
  const key = String(path.at(-1) ?? 'value');
  return { message: `${key} is missing`, expected, fix: `add ${key}: with ${expected}` };
}

function describeUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  schema: z.core.$ZodType,
  root: unknown,
  extraKeys: readonly string[],
): ValueProblem[] {
  const path = issue.path as Path;
  const branches = issue.errors.map((errors) =>
    errors.map((error) => ({ ...error, path: [...issue.path, ...error.path] })),
  );
  const isMismatch = (branch: readonly Issue[]) =>
    branch.length > 0 &&
    branch[0]!.path.length === path.length &&
    ['invalid_type', 'invalid_value'].includes(branch[0]!.code);
  // The branch that fits the value's own type is the one that was meant.
  const meant = branches.filter((branch) => branch.length > 0 && !isMismatch(branch));
  if (meant.length > 0) {
    const best = meant.reduce((a, b) => (b.length < a.length ? b : a));
    return problemsOf(best, schema, root, extraKeys);
  }
  const described = branches.flatMap((branch) => problemsOf(branch, schema, root, extraKeys));
  const expected = [...new Set(described.map((problem) => problem.expected ?? problem.message))];
  const value = valueAt(root, path);
  const facts = { path, atKey: false, received: show(value), expected: expected.join(', or ') };
  if (value === undefined) return [{ ...facts, ...missing(path, facts.expected) }];
  const quotes = described.find((problem) => problem.fix === 'remove the quotes');
  return [
    {
      ...facts,
      message: 'matches none of the allowed forms',
      fix: quotes?.fix ?? 'write one of these',
    },
  ];
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  null: 'null',
  nan: 'a number',
};

function nameOfType(type: string): string {
  return TYPE_NAMES[type] ?? type;
}

/** `string "1e-4"`, as a reader of the file sees it. */
function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a map';
  // JSON writes null for what is not finite.
  if (typeof value === 'number') return `number ${value}`;
  const text = JSON.stringify(value);
  return `${typeof value} ${text.length > 80 ? `${text.slice(0, 77)}...` : text}`;
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    root,
  );
}
