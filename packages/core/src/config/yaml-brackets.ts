/** Quotes and brackets of a YAML text that do not match. */
import { Lexer } from './yaml.ts';

import { isKeyLine, spaces, type SourceLines, type SyntaxProblem } from './source-lines.ts';
import { tabIndent } from './yaml-indentation.ts';

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' };

interface Lexeme {
  readonly source: string;
  readonly offset: number;
}

/** A quote or bracket without its other half. */
export interface Unbalanced extends SyntaxProblem {
  /** Offset from which on errors follow from this one. */
  readonly from: number;
}

/** The first quote that does not end, or bracket without its other half. */
export function unbalanced(source: SourceLines): Unbalanced | undefined {
  const open: Lexeme[] = [];
  let last: Lexeme | undefined;
  for (const lexeme of lexemes(source.text)) {
    const { source: sign, offset } = lexeme;
    if (sign === BROKEN_OFF) {
      const mark = open[0];
      if (mark !== undefined) return brokenOff(source, open.at(-1)!, mark.offset, offset);
      continue;
    }
    if (isOpenQuote(sign)) return openQuote(source, lexeme);
    if (sign === '[' || sign === '{') open.push(lexeme);
    else if (sign === ']' || sign === '}') {
      const mark = open.pop();
      if (mark === undefined) return closesNothing(sign, offset);
      if (CLOSING[mark.source] !== sign) return closesOther(source, mark, sign, offset);
    }
    last = lexeme;
  }
  const mark = open.at(-1);
  const end = last === undefined ? source.text.length : last.offset + last.source.length;
  return mark && neverClosed(source, mark, open[0]!.offset, end);
}

/** The lexer's sign for a bracket that the next line breaks off, and those that stand for nothing in the text. */
const BROKEN_OFF = '\u0018';
const [DOCUMENT, SCALAR] = ['\u0002', '\u001f'];

/** Tokens with their places; what plain texts hold is left out, as it closes and opens nothing. */
function* lexemes(text: string): Generator<Lexeme> {
  let offset = 0;
  let isPlain = false;
  for (const source of new Lexer().lex(text)) {
    if (source === DOCUMENT || source === BROKEN_OFF) {
      if (source === BROKEN_OFF) yield { source, offset };
    } else if (source === SCALAR) isPlain = true;
    else {
      if (!isPlain) yield { source, offset };
      isPlain = false;
      offset += source.length;
    }
  }
}

function isOpenQuote(source: string): boolean {
  if (source.startsWith('"')) return !/^"(?:[^"\\]|\\[\s\S])*"$/.test(source);
  return source.startsWith("'") && !/^'(?:[^']|'')*'$/.test(source);
}

function openQuote(source: SourceLines, { source: sign, offset }: Lexeme): Unbalanced {
  const quote = sign[0]!;
  const line = source.lineAt(offset);
  return {
    offset,
    from: offset,
    message: `the text that begins with ${quote} here is not closed`,
    expected: `another ${quote} after the text`,
    fix: `write ${quote} at the end of the text, on line ${line + 1}, or remove this one`,
  };
}

/** A line that is not indented deeper than the key ends what is in brackets. */
function brokenOff(source: SourceLines, mark: Lexeme, from: number, end: number): Unbalanced {
  const line = source.contentAfter(source.lineAt(source.text.slice(0, end).trimEnd().length));
  if (line === undefined) return neverClosed(source, mark, from, end);
  if (/^ *\t/.test(source.at(line))) return { ...tabIndent(source, line), from };
  const rest = source.text.slice(source.offset(line));
  const isClosedBelow = /[[\]{}]/.exec(rest)?.[0] === CLOSING[mark.source];
  const isNextKey = mark.source === '[' && isKeyLine(source.at(line));
  if (!isClosedBelow || isNextKey) return neverClosed(source, mark, from, end);
  const key = source.lineAt(mark.offset);
  return {
    offset: source.offset(line) + source.indent(line),
    from,
    message: `this line belongs to the ${mark.source} of line ${key + 1}, but is not indented`,
    expected: `more than ${spaces(source.indent(key))} before the content of the brackets`,
    fix: `indent the lines down to the ${CLOSING[mark.source]} by ${spaces(source.indent(key) + source.indentUnit())}`,
  };
}

/** True if the brackets before an offset are not all closed there. */
export function isInsideBrackets(text: string, end: number): boolean {
  let depth = 0;
  for (const { source, offset } of lexemes(text)) {
    if (offset >= end) break;
    if (source === '[' || source === '{') depth++;
    else if (source === ']' || source === '}') depth--;
    else if (source === BROKEN_OFF) depth = 0;
  }
  return depth > 0;
}

function neverClosed(source: SourceLines, mark: Lexeme, from: number, end: number): Unbalanced {
  const closing = CLOSING[mark.source]!;
  const before = source.text.slice(0, end).trimEnd();
  const last = source.lineAt(before.length);
  return {
    offset: mark.offset,
    from,
    message: `this ${mark.source} is never closed`,
    expected: `a ${closing} before the next key of the file`,
    fix: `write ${closing} at the end of line ${last + 1}`,
  };
}

function closesNothing(sign: string, offset: number): Unbalanced {
  const opening = sign === ']' ? '[' : '{';
  return {
    offset,
    from: offset,
    message: `this ${sign} closes a bracket that was never opened`,
    expected: `the sign ${opening} before it`,
    fix: `remove it, or write the ${opening} that it belongs to; in a text, put the text in quotes`,
  };
}

function closesOther(source: SourceLines, mark: Lexeme, sign: string, offset: number): Unbalanced {
  const closing = CLOSING[mark.source]!;
  return {
    offset,
    from: mark.offset,
    message: `this ${sign} stands where the ${mark.source} of line ${source.lineAt(mark.offset) + 1} wants its ${closing}`,
    expected: closing,
    received: sign,
    fix: `write ${closing} in place of ${sign}, or close with ${closing} first`,
  };
}
