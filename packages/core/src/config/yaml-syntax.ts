/**
 * Says in plain words what is wrong where the YAML parser stops. The parser names rules of its grammar, and
 * goes on with guesses; here the lines around the place are read as a person reads them.
 */
import {
  isItemLine,
  isKeyLine,
  ODD_SPACE,
  oddSpaceFacts,
  SourceLines,
  withSpace,
  type SyntaxProblem,
} from './source-lines.ts';
import { isInsideBrackets, unbalanced } from './yaml-brackets.ts';
import { mixedLevel, nestedValue, tabIndent, wrongIndent } from './yaml-indentation.ts';
import { explainValue, isValueErrorCode, type Fault } from './yaml-values.ts';

/** The mistakes behind the parser's errors: each local one, and the first of those that confuse it. */
export function explainSyntax(text: string, faults: readonly Fault[]): SyntaxProblem[] {
  if (faults.length === 0) return [];
  const source = new SourceLines(text);
  const conflict = mergeConflict(source);
  if (conflict !== undefined) return [conflict];
  const sorted = [...faults].sort((a, b) => a.pos[0] - b.pos[0]);
  const structural = sorted.find(({ code }) => !isValueErrorCode(code));
  const isDirective = sorted[0]!.code === 'BAD_DIRECTIVE';
  if (isDirective) return [explainValue(sorted[0]!, source)];
  if (structural === undefined) return sorted.map((fault) => explainValue(fault, source));
  const brackets = unbalanced(source);
  const isOfBrackets = brackets !== undefined && brackets.from <= structural.pos[0];
  const first = isOfBrackets ? brackets : explainStructure(structural, source);
  const before = isOfBrackets ? brackets.from : structural.pos[0];
  const local = sorted.filter(({ code, pos }) => isValueErrorCode(code) && pos[0] < before);
  return [...local.map((fault) => explainValue(fault, source)), first];
}

/** A text at the top of the file in place of keys and values. */
export function explainNoMap(text: string): SyntaxProblem {
  const source = new SourceLines(text);
  const line = source.contentAfter(-1) ?? 0;
  const conflict = mergeConflict(source);
  if (conflict !== undefined) return conflict;
  const offset = source.offset(line) + source.indent(line);
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(source.at(line))) {
    return {
      offset,
      message: 'this is a web page, not a pipeline',
      expected: KEYS_AND_VALUES,
      fix: 'download the file itself; on GitHub, by the button “Raw”',
    };
  }
  return noColon(source, line);
}

const KEYS_AND_VALUES = 'lines of key: value';

function mergeConflict(source: SourceLines): SyntaxProblem | undefined {
  const marks = [/^<{7}( |$)/, /^={7}$/, /^>{7}( |$)/];
  const [first, ...others] = marks.map((mark) => source.lines.findIndex((line) => mark.test(line)));
  if (first === -1 || others.includes(-1)) return undefined;
  return {
    offset: source.offset(first!),
    message: 'a merge conflict of Git is left in the file',
    expected: `one of the two versions between line ${first! + 1} and line ${others[1]! + 1}`,
    fix: 'keep the lines that you want, and remove the lines <<<<<<<, ======= and >>>>>>>',
  };
}

function explainStructure(fault: Fault, source: SourceLines): SyntaxProblem {
  const { code, message, pos } = fault;
  const offset = Math.min(pos[0], Math.max(0, source.text.trimEnd().length - 1));
  const line = source.lineAt(offset);
  const column = offset - source.offset(line);
  const at = { offset, line, column };
  if (code === 'TAB_AS_INDENT') return tabIndent(source, line);
  if (code === 'MULTIPLE_DOCS') {
    return {
      offset,
      message: 'a second document begins here, but a file holds one pipeline',
      expected: 'one document, without --- or ... between its lines',
      fix: 'remove the line --- or ... and what is below it, or move that to a file of its own',
    };
  }
  if (/separated from/.test(message)) {
    const isComment = message.startsWith('Comments');
    return {
      offset,
      message: isComment
        ? 'a comment needs a space before its #'
        : 'an anchor or a tag needs a space after it',
      fix: isComment
        ? 'write a space before #, or put the text in quotes where # belongs to it'
        : 'write a space after it, or put the value in quotes where text is meant',
    };
  }
  const isNested = ['BLOCK_AS_IMPLICIT_KEY', 'MULTILINE_IMPLICIT_KEY'].includes(code);
  // A line at the top that is neither: a comment without its #, for one.
  const top = source.levelsAbove(line)[0]?.line;
  const stray =
    top !== undefined && !/^\s*[[{]/.test(source.at(top)) && !beginsWell(source.at(top));
  const isLine = beginsWell(source.at(line));
  return (
    oddSpace(source, line) ??
    missingSpace(source, line) ??
    blockText(source, fault, line) ??
    missingComma(source, fault, at) ??
    (stray ? noColon(source, top) : undefined) ??
    mixedLevel(source, line) ??
    (code === 'BAD_INDENT' ? wrongIndent(source, line) : undefined) ??
    behindQuote(source, fault, at) ??
    listOnKeyLine(source, line) ??
    (isNested ? nestedValue(source, line, column) : undefined) ??
    (isLine ? wrongIndent(source, line) : undefined) ??
    otherwise(source, at)
  );
}

/** True of a line that begins with a key or with the dash of a list item. */
function beginsWell(text: string): boolean {
  return isKeyLine(text) || isItemLine(text);
}

interface At {
  readonly offset: number;
  readonly line: number;
  /** From 0. */
  readonly column: number;
}

/** A text below `|` or `>` that begins beside them, or is indented unevenly. */
function blockText(
  source: SourceLines,
  { message }: Fault,
  line: number,
): SyntaxProblem | undefined {
  const sign = /:\s+[|>][-+\d]*\s+(?=[^\s#])/.exec(source.at(line));
  if (sign === null && !message.startsWith('Block scalar')) return undefined;
  return {
    offset:
      source.offset(line) + (sign === null ? source.indent(line) : sign.index + sign[0].length),
    message: 'a text after | or > begins on the next line, with all its lines indented alike',
    expected: '| or > at the end of the line, the text below it',
    fix:
      sign === null
        ? 'indent the first line of the text as the others, or put the text in quotes'
        : 'move the text to the next line and indent it, or remove the sign',
  };
}

/** A space that YAML takes for a letter: pasted from a web page or a document. */
function oddSpace(source: SourceLines, line: number): SyntaxProblem | undefined {
  const found = ODD_SPACE.exec(source.at(line));
  if (found === null) return undefined;
  return { offset: source.offset(line) + found.index, ...oddSpaceFacts(found[0]) };
}

function missingSpace(source: SourceLines, line: number): SyntaxProblem | undefined {
  const text = source.at(line).trim();
  if (isKeyLine(text)) return undefined;
  const item = /^(- +)?(.*)$/.exec(text)!;
  const right = withSpace(item[2]!);
  if (right === undefined) return undefined;
  const sign = right.startsWith('-') ? '-' : ':';
  const where = text.indexOf(sign, item[1]?.length ?? 0) + 1;
  return {
    offset: source.offset(line) + source.indent(line) + where,
    message:
      sign === ':' ? 'a space is missing after the colon' : 'a space is missing after the dash',
    expected: sign === ':' ? 'key: value' : '- item',
    fix: `write ${item[1] ?? ''}${right}`,
  };
}

function missingComma(source: SourceLines, fault: Fault, at: At): SyntaxProblem | undefined {
  const { code, message } = fault;
  const isNested = ['BLOCK_AS_IMPLICIT_KEY', 'MULTILINE_IMPLICIT_KEY'].includes(code);
  if (isNested && isInsideBrackets(source.text, at.offset)) {
    const value = source.at(at.line).replace(/\s+#.*$/, '');
    return {
      offset: source.offset(at.line) + value.length,
      message: 'a comma is missing at the end of this line',
      expected: 'a comma between the entries of { } and [ ]',
      fix: `write ${value.trim()},`,
    };
  }
  const isFlow = /flow (map|sequence|collection)/.test(message);
  if (!isFlow) return undefined;
  const rest = source.text.slice(at.offset, at.offset + 200);
  const comma = (offset: number, before: string): SyntaxProblem => ({
    offset,
    message: 'a comma is missing between two entries',
    expected: 'a comma between the entries of { } and [ ]',
    fix: `write a comma before ${before}; a text with ": " in it goes in quotes`,
  });
  if (code === 'BLOCK_IN_FLOW') {
    if (rest.startsWith('- ') || rest.startsWith('-\n')) {
      return {
        offset: at.offset,
        message: 'items inside [ ] are separated by commas, not dashes',
        expected: '[first, second]',
        fix: 'remove the dash and write commas; or remove the [ and ], and keep the dashes',
      };
    }
    const next = /^[^\n{}[\],:]*?\s+(?=([\w-]+):(?:\s|$))/.exec(rest);
    if (next !== null) return comma(at.offset + next[0].length, next[1]!);
  }
  if (/Missing ,/.test(message)) {
    const word = /^\s*(\S+?):?(?:[\s,\]}]|$)/.exec(rest);
    const skipped = /^\s*/.exec(rest)![0].length;
    return comma(at.offset + skipped, word?.[1] ?? 'the second');
  }
  if (/Unexpected (,|empty item)/.test(message)) {
    return {
      offset: at.offset,
      message: 'nothing stands before this comma',
      expected: 'a value between two commas',
      fix: 'remove one of the commas',
    };
  }
  return undefined;
}

function behindQuote(source: SourceLines, { message }: Fault, at: At): SyntaxProblem | undefined {
  if (!/at node end|in YAML stream/.test(message)) return undefined;
  const before = source.text.slice(0, at.offset).trimEnd();
  const quote = before.at(-1);
  if (quote !== '"' && quote !== "'") return undefined;
  const quoted = quote === '"' ? /"(?:[^"\\]|\\[\s\S])*"$/ : /'(?:[^']|'')*'$/;
  const text = quoted.exec(before)?.[0];
  if (text?.includes('\n') === true) {
    const start = before.length - text.length;
    return {
      offset: start,
      message: `the text that begins with ${quote} here ends only on line ${before.split('\n').length}`,
      expected: `a ${quote} at the end of the text, on this line`,
      fix: `write ${quote} at the end of the text on line ${before.slice(0, start).split('\n').length}`,
    };
  }
  return {
    offset: at.offset,
    message: `something follows the ${quote} that ends the text`,
    expected: 'nothing more on the line',
    fix:
      quote === '"'
        ? 'remove it, or move the " after it; a " inside the text is written \\"'
        : "remove it, or move the ' after it; a ' inside the text is written ''",
  };
}

function listOnKeyLine(source: SourceLines, line: number): SyntaxProblem | undefined {
  const found = /^(\s*(?:- +)*[^\s:#]+:\s+)- +(.*)$/.exec(source.at(line));
  if (found === null) return undefined;
  const [, key, item] = found;
  return {
    offset: source.offset(line) + key!.length,
    message: 'a list cannot begin on the line of its key',
    expected: `${key!.trim()} [first, second], or each item on a line below it`,
    fix: `write ${key!.trim()} [${item!.trim()}]`,
  };
}

function otherwise(source: SourceLines, { offset, line }: At): SyntaxProblem {
  const text = source.at(line).trim();
  if (text !== '' && !beginsWell(text)) return noColon(source, line);
  return {
    offset,
    message: 'the file cannot be read from here on',
    expected: 'lines of key: value, indented by spaces, lists with "- " or in [ ]',
    fix: 'compare this line and the one above with a file that is valid: `pipeline init` writes one',
  };
}

function noColon(source: SourceLines, line: number): SyntaxProblem {
  const space = oddSpace(source, line) ?? missingSpace(source, line);
  if (space !== undefined) return space;
  const text = source.at(line).trim();
  const quote = /^["']/.exec(text)?.[0];
  if (quote !== undefined && text.split(quote).length % 2 === 0) {
    return {
      offset: source.offset(line) + source.indent(line),
      message: `the key that begins with ${quote} here does not end on this line`,
      expected: 'a key in one line',
      fix: `write ${quote} at the end of the key, on line ${line + 1}`,
    };
  }
  const [, key, value] = /^([\w.-]+)\s*(?:=|\s)\s*(.+)$/.exec(text) ?? [];
  const isAssignment = /^[\w.-]+\s*=/.test(text);
  const isPair = key !== undefined && (isAssignment || !/\s/.test(value!));
  return {
    offset: source.offset(line) + source.indent(line),
    message: isAssignment ? 'this line has = where YAML has a colon' : 'this line has no colon',
    expected: 'key: value',
    fix: isPair
      ? `write ${key}: ${value}`
      : 'write it as key: value, or as a comment, with # before it; a long text goes in quotes',
  };
}
