/**
 * Overrides that stand for several values, in Hydra's grammar: `a=1,2`, `a=choice(1,2)`,
 * `a=range(0,3)`, `a=interval(0.1,1)`, `a=tag(log,interval(1e-5,1e-2))`, `a=int(interval(1,9))`.
 *
 * @source hydra-core 1.3.8, grammar_functions.py. Differs: no `glob`, `sort` and `shuffle`; casts are
 * `int(interval(…))` only, tags `log` only; what is an override of one value stays one.
 */
import { parseHead, type Override } from './override-grammar.ts';
import { ValueParser, type OverrideValue } from './override-value.ts';

/** One value of a sweep as it is written behind `key=`. */
export interface Choice {
  readonly text: string;
  readonly value: OverrideValue;
}

/** x with `start` ≤ x < `end`. */
export interface Interval {
  readonly start: number;
  readonly end: number;
  /** Its logarithm is uniform. */
  readonly log: boolean;
  /** Whole numbers. */
  readonly int: boolean;
}

export type Sweep =
  | { readonly kind: 'choice'; readonly choices: readonly Choice[] }
  | { readonly kind: 'interval'; readonly interval: Interval };

/** What stands before the values: `+train/model@x`, `seed`. */
export interface SweptKey {
  /** With its sigil, ready for `=value`. */
  readonly prefix: string;
  readonly key: string;
  readonly sweep: Sweep;
}

const MAX_CHOICES = 100_000;
/** `tag(log,int(interval(…)))` is 2. */
const MAX_DEPTH = 2;
const FUNCTION = /^[ \t]*([A-Za-z_][\w-]*)[ \t]*\([ \t]*/;
const ARGUMENT_NAME = /^([A-Za-z_][\w-]*)[ \t]*=[ \t]*/;

/**
 * Reads an override that may sweep.
 *
 * @returns the override of one value, or the key with its sweep
 * @throws OverrideSyntaxError with the column (from 1) of what is wrong
 */
export function parseSweep(text: string): Override | SweptKey {
  const { valueAt, ...override } = parseHead(text);
  if (valueAt === undefined) return override;
  const parser = new ValueParser(text, valueAt);
  const sweep = readFunction(parser) ?? readChoices(parser);
  if (sweep === undefined) {
    return { ...override, value: new ValueParser(text, valueAt).parse() };
  }
  parser.end();
  if (override.action === 'delete') {
    throw parser.error('a deletion has no values to sweep over', { fix: 'write ~key' });
  }
  return { prefix: text.slice(0, valueAt - 1), key: override.key, sweep };
}

export function isSwept(override: Override | SweptKey): override is SweptKey {
  return 'sweep' in override;
}

/** `1,2,3`; undefined where there is no comma. */
function readChoices(parser: ValueParser): Sweep | undefined {
  if (parser.skip(/^[ \t]*$/) !== null) return undefined;
  const choices = [parser.written()];
  while (parser.skip(/^,/) !== null) choices.push(parser.written());
  return choices.length === 1 ? undefined : { kind: 'choice', choices };
}

/** A call, whose result is a sweep; undefined where there is none. */
function readFunction(parser: ValueParser, depth = 0): Sweep | undefined {
  const name = parser.skip(FUNCTION)?.[1];
  if (name === undefined) return undefined;
  if (depth > MAX_DEPTH) throw parser.error(`calls nested deeper than ${MAX_DEPTH}`);
  const read = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (read === undefined) {
    throw parser.error(`there is no sweep function ${name}`, {
      fix: `use ${Object.keys(FUNCTIONS).join(', ')}; quote the value if it is text`,
    });
  }
  const sweep = read(parser, depth);
  if (parser.skip(/^[ \t]*\)[ \t]*/) === null) throw parser.error('")" is missing');
  return sweep;
}

const FUNCTIONS: Readonly<Record<string, (parser: ValueParser, depth: number) => Sweep>> = {
  choice: (parser) => {
    const choices = [parser.written()];
    while (parser.skip(/^,/) !== null) choices.push(parser.written());
    return { kind: 'choice', choices };
  },
  range: (parser) => {
    const { start, stop, step = 1 } = readNumbers(parser, ['start', 'stop', 'step']);
    if (start === undefined) throw parser.error('range needs a start');
    if (step === 0)
      throw parser.error('a range with step 0 never ends', { fix: 'give another step' });
    const values = stop === undefined ? rangeOf(0, start, step) : rangeOf(start, stop, step);
    if (values === undefined) {
      throw parser.error(`more than ${MAX_CHOICES} values`, { fix: 'give a larger step' });
    }
    if (values.length === 0) {
      throw parser.error('this range is empty', {
        fix: 'swap start and stop, or the sign of step',
      });
    }
    return { kind: 'choice', choices: values.map((value) => ({ text: String(value), value })) };
  },
  interval: (parser) => {
    const { start, end } = readNumbers(parser, ['start', 'end']);
    if (start === undefined || end === undefined || !(start < end)) {
      throw parser.error('the start of an interval must be below its end', {
        fix: 'write interval(0.1,1)',
      });
    }
    return { kind: 'interval', interval: { start, end, log: false, int: false } };
  },
  tag: (parser, depth) => {
    if (parser.skip(/^log[ \t]*,/) === null) {
      throw parser.error('the only allowed tag is log', {
        fix: 'write tag(log,interval(1e-5,1e-2))',
      });
    }
    const interval = readInterval(parser, depth + 1);
    if (interval.start <= 0) {
      throw parser.error('a logarithmic interval must start above 0', { fix: 'raise its start' });
    }
    return { kind: 'interval', interval: { ...interval, log: true } };
  },
  int: (parser, depth) => {
    const interval = readInterval(parser, depth + 1);
    const [start, end] = [Math.trunc(interval.start), Math.trunc(interval.end)];
    if (start >= end) {
      throw parser.error('no whole number lies in this interval', { fix: 'widen it' });
    }
    if (interval.log && start <= 0) {
      throw parser.error('a logarithmic interval must start above 0', { fix: 'raise its start' });
    }
    return { kind: 'interval', interval: { ...interval, start, end, int: true } };
  },
};

function readInterval(parser: ValueParser, depth: number): Interval {
  const sweep = readFunction(parser, depth);
  if (sweep?.kind === 'interval') return sweep.interval;
  throw parser.error('an interval is missing', { fix: 'write interval(start,end)' });
}

/** Arguments by position, then by name. */
function readNumbers<Name extends string>(
  parser: ValueParser,
  names: readonly Name[],
): Partial<Record<Name, number>> {
  const found: Partial<Record<Name, number>> = {};
  let named = false;
  for (let i = 0; i === 0 || parser.skip(/^,[ \t]*/) !== null; i++) {
    const given = parser.skip(ARGUMENT_NAME)?.[1];
    named ||= given !== undefined;
    const name = given === undefined && !named ? names[i] : names.find((other) => other === given);
    if (name === undefined || name in found) {
      const known = names.join(', ');
      throw parser.error(`there is no such argument`, { fix: `the arguments are ${known}` });
    }
    const value = parser.element();
    if (typeof value !== 'number') {
      throw parser.error(`${name} is a number`, { fix: 'write a number without quotes' });
    }
    found[name] = value;
  }
  return found;
}

/** start + i·step below `stop` (above it for a negative step); undefined where they are too many. */
function rangeOf(start: number, stop: number, step: number): number[] | undefined {
  const count = Math.ceil((stop - start) / step);
  if (count > MAX_CHOICES) return undefined;
  const values: number[] = [];
  for (let i = 0; ; i++) {
    // As people mean it: 0.1 + 2·0.1 is 0.3.
    const value = Number((start + i * step).toPrecision(14));
    if (step > 0 ? value >= stop : value <= stop) return values;
    values.push(value);
  }
}
