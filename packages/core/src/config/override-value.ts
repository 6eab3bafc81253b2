/**
 * The value of an override in Hydra's grammar: lists, maps, quoted and unquoted texts, numbers.
 *
 * @source hydra-core 1.3.8, OverrideLexer.g4 and OverrideParser.g4
 */
import { REFUSED_KEYS, type Scalar } from './config-node.ts';

export type OverrideValue =
  Scalar | readonly OverrideValue[] | { readonly [key: string]: OverrideValue };

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

/** A cursor in the text of an override. */
export class ValueParser {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  parse(): OverrideValue {
    if (/^[ \t]*$/.test(this.#text.slice(this.#at))) return '';
    const value = this.element();
    if (this.peek() === ',') {
      throw this.error(
        'a comma outside a list means a sweep over values, but a single value is expected',
        {
          fix: 'sweep by `pipeline sweep`; write [a,b] for a list; escape a comma of a text as \\, or quote the text',
        },
      );
    }
    this.end();
    return value;
  }

  /** One element: a primitive, a list or a map. */
  element(): OverrideValue {
    return this.#element(0);
  }

  /** One element and how it is written. */
  written(): { readonly text: string; readonly value: OverrideValue } {
    const start = this.#at;
    const value = this.element();
    const text = this.#text.slice(start, this.#at).trimStart();
    return { text: text.replace(/(?<!\\)[ \t]+$/, ''), value };
  }

  /** Moves behind what matches at the cursor. */
  skip(pattern: RegExp): RegExpExecArray | null {
    const match = pattern.exec(this.#text.slice(this.#at));
    if (match?.index !== 0) return null;
    this.#at += match[0].length;
    return match;
  }

  end(): void {
    if (this.#at < this.#text.length) {
      const isOpen = /\$\{?$/.test(this.#text.slice(0, this.#at + 1));
      throw this.error(
        isOpen ? 'the interpolation ${ is not closed' : `unexpected ${JSON.stringify(this.peek())}`,
        isOpen ? { fix: 'write } after the name of the value, as in ${vars.n}' } : undefined,
      );
    }
  }

  #element(depth: number): OverrideValue {
    if (depth > MAX_DEPTH) throw this.error(`nested deeper than ${MAX_DEPTH} levels`);
    const begin = this.#at;
    this.#spaces();
    const opening = this.peek();
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
        throw this.error(`the key ${JSON.stringify(key)} is not allowed`, {
          fix: 'rename the key',
        });
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
      if (next === undefined) {
        throw this.error(`the text in ${quote} does not end`, {
          fix: `write ${quote} at its end, and the whole override in other quotes for the shell`,
        });
      }
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
    if (this.peek() === '(') {
      this.#at = start;
      throw this.error('functions are allowed only in sweeps, on their own', {
        fix: 'sweep by `pipeline sweep`; escape a bracket of a text as \\( or quote the text',
      });
    }
    while (parts[0]?.space === true) parts.shift();
    while (parts.at(-1)?.space === true) parts.pop();
    const text = parts.map((part) => part.text).join('');
    if (parts.length === 0) {
      throw this.error(
        this.peek() === undefined
          ? 'a value is missing'
          : `unexpected ${JSON.stringify(this.peek())}`,
      );
    }
    if (parts.some((part) => part.escaped)) return text;
    if (INFINITE.test(text)) {
      this.#at = start;
      throw this.error(`${text} is not a number that a pipeline accepts`, {
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
    if (this.peek() === ',') throw this.error(`unexpected "," before the first item`);
    if (this.#at === this.#text.length) throw this.error(`${JSON.stringify(close)} is missing`);
  }

  #closed(close: string): boolean {
    this.#spaces();
    if (this.#at === this.#text.length) throw this.error(`${JSON.stringify(close)} is missing`);
    if (this.peek() !== close) return false;
    this.#at++;
    this.#spaces();
    return true;
  }

  #take(char: string): void {
    this.#spaces();
    if (this.peek() !== char) throw this.error(`expected ${JSON.stringify(char)}`);
    this.#at++;
  }

  #spaces(): void {
    while (this.peek() === ' ' || this.peek() === '\t') this.#at++;
  }

  peek(): string | undefined {
    return this.#text[this.#at];
  }

  /** About the place of the cursor. */
  error(message: string, facts?: { readonly fix: string }): OverrideSyntaxError {
    const fix = facts?.fix ?? 'quote the value if it is text: \'key="a, b"\'';
    return new OverrideSyntaxError(message, this.#at + 1, fix);
  }
}
