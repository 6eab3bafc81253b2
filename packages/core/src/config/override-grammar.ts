/**
 * One command-line override in Hydra's grammar: `a.b=4`, `+x.y=z`, `++x.y=z`, `~x.y`, `group=option`.
 *
 * @source hydra-core 1.3.8, OverrideLexer.g4 and OverrideParser.g4. Differs: no sweeps (`a=1,2`) and
 * no functions (`choice(…)`, `range(…)`), which belong to multirun; inf, nan and an empty key are
 * refused; spaces after a closing bracket or quote are allowed.
 */
import { REFUSED_KEYS, type Scalar } from './config-node.ts';

export type OverrideValue =
  Scalar | readonly OverrideValue[] | { readonly [key: string]: OverrideValue };

export interface Override {
  /** `a=…` sets, `+a=…` adds what is not there, `++a=…` sets or adds, `~a` deletes. */
  readonly action: 'set' | 'add' | 'force' | 'delete';
  /** `train.model.lCycles`, or a config group: `train/model`. */
  readonly key: string;
  /** After `@`: where a group goes. */
  readonly package?: string;
  /** Undefined for `~key` without a value. */
  readonly value?: OverrideValue;
}

export class OverrideSyntaxError extends Error {
  readonly column: number;
  readonly fix: string;

  constructor(message: string, column: number, fix: string) {
    super(message);
    this.name = 'OverrideSyntaxError';
    this.column = column;
    this.fix = fix;
  }
}

const SEGMENT = String.raw`(?:[A-Za-z_$][A-Za-z0-9_$-]*|0|[1-9][0-9_]*)`;
const KEY = new RegExp(
  String.raw`^(?!\d+(?:@|$))(?<key>[A-Za-z_][\w-]*(?:/[A-Za-z_][\w-]*)+|${SEGMENT}(?:\.${SEGMENT})*)` +
    String.raw`(?:@(?<package>${SEGMENT}(?:\.${SEGMENT})*))?$`,
);

/** @throws OverrideSyntaxError with the column (from 1) of what is wrong. */
export function parseOverride(text: string): Override {
  const sigil = /^(\+\+|\+|~|)/.exec(text)![0];
  const action = ({ '': 'set', '+': 'add', '++': 'force', '~': 'delete' } as const)[sigil]!;
  const equal = text.indexOf('=');
  const keyText = text.slice(sigil.length, equal < 0 ? undefined : equal);
  const groups = KEY.exec(keyText)?.groups;
  if (groups === undefined) {
    throw new OverrideSyntaxError(
      `${JSON.stringify(keyText)} is not a key`,
      sigil.length + 1,
      'write key.path=value, for example train.model.lCycles=4',
    );
  }
  for (const segment of keyText.split(/[./@]/)) {
    if (REFUSED_KEYS.has(segment)) {
      throw new OverrideSyntaxError(
        `the key ${JSON.stringify(segment)} is refused`,
        sigil.length + 1,
        'rename the key',
      );
    }
  }
  const override = {
    action,
    key: groups['key']!,
    ...(groups['package'] === undefined ? {} : { package: groups['package'] }),
  };
  if (equal >= 0) return { ...override, value: new ValueParser(text, equal + 1).parse() };
  if (action === 'delete') return override;
  throw new OverrideSyntaxError(
    'an override needs a value',
    text.length + 1,
    `write ${sigil}${keyText}=value, or ~${keyText} to remove the key`,
  );
}

const MAX_DEPTH = 64;
const INT = '(?:0|[1-9](?:_?[0-9])*)';
const POINT = String.raw`(?:${INT}\.|${INT}?\.[0-9](?:_?[0-9])*)`;
const NUMBER = new RegExp(
  `^[+-]?(?:(?:${INT}|${POINT})[eE][+-]?[0-9](?:_?[0-9])*|${POINT}|${INT})$`,
);
const INFINITE = /^[+-]?(?:inf|nan)$/i;
/** What an unquoted value may hold besides letters, digits and `_`; the rest is escaped by a backslash. */
const UNQUOTED = /[A-Za-z0-9_/\-\\+.$%*@?| \t]/;
const ESCAPED = '\\()[]{}:=, \t';

class ValueParser {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  parse(): OverrideValue {
    if (/^[ \t]*$/.test(this.#text.slice(this.#at))) return '';
    const value = this.#element(0);
    if (this.#peek() === ',') {
      throw this.#error('a comma outside a list sweeps over values, which `run` does not do', {
        fix: 'write [a,b] for a list; escape a comma of a text as \\, or quote the text',
      });
    }
    if (this.#at < this.#text.length) {
      throw this.#error(`unexpected ${JSON.stringify(this.#peek())}`);
    }
    return value;
  }

  #element(depth: number): OverrideValue {
    if (depth > MAX_DEPTH) throw this.#error(`nested deeper than ${MAX_DEPTH} levels`);
    const begin = this.#at;
    this.#spaces();
    const opening = this.#peek();
    if (opening === '[') return this.#list(depth);
    if (opening === '{') return this.#map(depth);
    if (opening === '"' || opening === "'") return this.#quoted();
    this.#at = begin;
    return this.#primitive({ inKey: false });
  }

  #list(depth: number): OverrideValue[] {
    const items: OverrideValue[] = [];
    this.#open(']');
    while (!this.#closed(']')) {
      if (items.length > 0) this.#take(',');
      items.push(this.#element(depth + 1));
    }
    return items;
  }

  #map(depth: number): Record<string, OverrideValue> {
    const entries = new Map<string, OverrideValue>();
    this.#open('}');
    while (!this.#closed('}')) {
      if (entries.size > 0) this.#take(',');
      this.#spaces();
      const start = this.#at;
      const key = String(this.#primitive({ inKey: true }));
      if (REFUSED_KEYS.has(key)) {
        this.#at = start;
        throw this.#error(`the key ${JSON.stringify(key)} is refused`, { fix: 'rename the key' });
      }
      this.#take(':');
      entries.set(key, this.#element(depth + 1));
    }
    return Object.fromEntries(entries);
  }

  /** Only a backslash before a quote of the same kind, or before those, escapes. */
  #quoted(): string {
    const quote = this.#text[this.#at]!;
    let at = this.#at + 1;
    let value = '';
    for (;;) {
      const slashes = /^\\*/.exec(this.#text.slice(at))![0].length;
      const next = this.#text[at + slashes];
      if (next === undefined) throw this.#error('the quoted text does not end');
      if (next === quote) {
        value += '\\'.repeat(Math.floor(slashes / 2));
        at += slashes + 1;
        if (slashes % 2 === 0) break;
        value += quote;
      } else {
        value += '\\'.repeat(slashes) + next;
        at += slashes + 1;
      }
    }
    this.#at = at;
    this.#spaces();
    return value;
  }

  /** A run of unquoted characters: null, a bool, a number, or a text. */
  #primitive({ inKey }: { inKey: boolean }): Scalar {
    const start = this.#at;
    const parts: { text: string; space: boolean; escaped: boolean }[] = [];
    for (;;) {
      const rest = this.#text.slice(this.#at);
      const char = rest[0];
      if (char === undefined) break;
      const interpolation = inKey ? undefined : /^\$\{[^}]+\}/.exec(rest)?.[0];
      if (interpolation !== undefined) {
        parts.push({ text: interpolation, space: false, escaped: true });
        this.#at += interpolation.length;
      } else if (char === '\\' && rest[1] !== undefined && ESCAPED.includes(rest[1])) {
        parts.push({ text: rest[1], space: false, escaped: true });
        this.#at += 2;
      } else if (UNQUOTED.test(char) || (char === ':' && !inKey)) {
        parts.push({ text: char, space: char === ' ' || char === '\t', escaped: false });
        this.#at++;
      } else break;
    }
    if (this.#peek() === '(') {
      this.#at = start;
      throw this.#error('functions and sweeps belong to multirun', {
        fix: 'give one value; escape a bracket of a text as \\( or quote the text',
      });
    }
    while (parts[0]?.space === true) parts.shift();
    while (parts.at(-1)?.space === true) parts.pop();
    const text = parts.map((part) => part.text).join('');
    if (parts.length === 0) {
      throw this.#error(
        this.#peek() === undefined
          ? 'a value is missing'
          : `unexpected ${JSON.stringify(this.#peek())}`,
      );
    }
    if (parts.some((part) => part.escaped)) return text;
    if (INFINITE.test(text)) {
      this.#at = start;
      throw this.#error(`${text} is not a number that a pipeline takes`, {
        fix: 'give a finite number, or quote it where text is meant',
      });
    }
    if (/^null$/i.test(text)) return null;
    if (/^true$/i.test(text)) return true;
    if (/^false$/i.test(text)) return false;
    return NUMBER.test(text) ? Number(text.replaceAll('_', '')) : text;
  }

  #open(close: string): void {
    this.#at++;
    this.#spaces();
    if (this.#peek() === ',') throw this.#error(`unexpected "," before the first item`);
    if (this.#at === this.#text.length) throw this.#error(`${JSON.stringify(close)} is missing`);
  }

  #closed(close: string): boolean {
    this.#spaces();
    if (this.#at === this.#text.length) throw this.#error(`${JSON.stringify(close)} is missing`);
    if (this.#peek() !== close) return false;
    this.#at++;
    this.#spaces();
    return true;
  }

  #take(char: string): void {
    this.#spaces();
    if (this.#peek() !== char) throw this.#error(`expected ${JSON.stringify(char)}`);
    this.#at++;
  }

  #spaces(): void {
    while (this.#peek() === ' ' || this.#peek() === '\t') this.#at++;
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #error(message: string, facts?: { readonly fix: string }): OverrideSyntaxError {
    const fix = facts?.fix ?? 'quote the value if it is text: \'key="a, b"\'';
    return new OverrideSyntaxError(message, this.#at + 1, fix);
  }
}
