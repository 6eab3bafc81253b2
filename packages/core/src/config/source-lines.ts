/** The lines of a YAML text as a person reads them: indentation, key, value. Lines are numbered from 0. */

/** Spaces that YAML takes for letters: they come from web pages and documents. */
export const ODD_SPACE = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]/;

/** A mistake at an offset of a text, and how to correct it. */
export interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
  readonly expected?: string;
  readonly received?: string;
  readonly fix: string;
}

/** Returns the message and the fix for one of {@link ODD_SPACE}. */
export function oddSpaceFacts(character: string): Omit<SyntaxProblem, 'offset'> {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return {
    message: `a no-break or other special space (U+${code}) is here, which YAML reads as a letter`,
    expected: 'plain spaces',
    fix: 'replace it with plain spaces',
  };
}

/** A line above another one that it could belong beside. */
export interface Level {
  readonly indent: number;
  readonly line: number;
  /** The beginning of the line: its key, or its first words. */
  readonly name: string;
}

export class SourceLines {
  readonly text: string;
  readonly lines: readonly string[];

  constructor(text: string) {
    this.text = text;
    this.lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  }

  at(line: number): string {
    return this.lines[line] ?? '';
  }

  /** The offset at which a line begins. */
  offset(line: number): number {
    let offset = 0;
    for (let i = 0; i < line; i++) offset = this.text.indexOf('\n', offset) + 1;
    return offset;
  }

  /** The line of an offset. */
  lineAt(offset: number): number {
    return this.text.slice(0, offset).split('\n').length - 1;
  }

  indent(line: number): number {
    return /^ */.exec(this.at(line))![0].length;
  }

  /** Neither blank nor a comment. */
  hasContent(line: number): boolean {
    return /^\s*[^\s#]/.test(this.at(line));
  }

  /** The next line with content after `line`. */
  contentAfter(line: number): number | undefined {
    for (let i = line + 1; i < this.lines.length; i++) if (this.hasContent(i)) return i;
    return undefined;
  }

  /** The last line with content before `line`. */
  contentBefore(line: number): number | undefined {
    for (let i = line - 1; i >= 0; i--) if (this.hasContent(i)) return i;
    return undefined;
  }

  name(line: number): string {
    const text = this.at(line).trim();
    const key = KEY.exec(text)?.groups?.['key'];
    return key ?? (text.length > 30 ? `${text.slice(0, 30)}…` : text);
  }

  /** The lines above `line` that it could stand beside, from the left to the right. */
  levelsAbove(line: number): Level[] {
    const levels: Level[] = [];
    let limit = Infinity;
    for (let i = line - 1; i >= 0 && limit > 0; i--) {
      if (!this.hasContent(i)) continue;
      const indent = this.indent(i);
      if (indent >= limit) continue;
      levels.unshift({ indent, line: i, name: this.name(i) });
      limit = indent;
    }
    return levels;
  }

  /** Spaces of one level of this file. */
  indentUnit(): number {
    const indents = this.lines
      .filter((_text, i) => this.hasContent(i))
      .map((text) => /^ */.exec(text)![0].length);
    return Math.min(...indents.filter((indent) => indent > 0), 8) % 8 || 2;
  }
}

/** `- key: value`, the key perhaps in quotes. */
const KEY = /^(?:- +)*(?<key>"[^"]*"|'[^']*'|[^\s"'#&*!|>%@`{}[\],?:-][^\s:#]*):(?=\s|$)/;

/** True if a line holds a key and, behind a colon, a value or nothing. */
export function isKeyLine(text: string): boolean {
  return KEY.test(text.trim());
}

/** True if a line begins with the dash of a list item. */
export function isItemLine(text: string): boolean {
  return /^\s*-(\s|$)/.test(text);
}

/**
 * Returns `epochs: 3` of `epochs:3` and `- a` of `-a`; undefined of a text in which no space is missing.
 * `http://…` and `C:\…` are no keys.
 */
export function withSpace(text: string): string | undefined {
  const key = /^([A-Za-z_][\w-]*):(?!\/\/|\\)([^\s:].*)$/.exec(text);
  if (key !== null) return `${key[1]}: ${key[2]}`;
  const item = /^-([^\s\d.-].*|\.{1,2}\/.*)$/.exec(text);
  return item === null ? undefined : `- ${item[1]}`;
}

/** `1 space`, `4 spaces`, `no space`. */
export function spaces(count: number): string {
  return count === 0 ? 'no space' : count === 1 ? '1 space' : `${count} spaces`;
}
