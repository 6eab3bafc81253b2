/** Indentation of a YAML text that fits none of the lines above. */
import { isItemLine, spaces, type SourceLines, type SyntaxProblem } from './source-lines.ts';

/** A tab before the first sign of a line. */
export function tabIndent(source: SourceLines, line: number): SyntaxProblem {
  const unit = source.indentUnit();
  const first = source.lines.findIndex((text) => /^ *\t/.test(text) && text.trim() !== '');
  const at = first === -1 ? line : first;
  const count = source.lines.filter((text) => /^ *\t\s*\S/.test(text)).length;
  return {
    offset: source.offset(at) + source.at(at).indexOf('\t'),
    message: 'a tab indents this line, but YAML allows only spaces',
    expected: `${spaces(unit)} for each level`,
    fix:
      count < 2
        ? `write ${spaces(unit)} instead of the tab`
        : `write ${spaces(unit)} instead of each tab; ${count} lines of the file begin with one`,
  };
}

/** A key among the items of a list, or an item among keys; undefined of another line. */
export function mixedLevel(source: SourceLines, line: number): SyntaxProblem | undefined {
  const indent = source.indent(line);
  const offset = source.offset(line) + indent;
  const levels = source.levelsAbove(line);
  const beside = levels.find((level) => level.indent === indent);
  const isItem = isItemLine(source.at(line));
  if (beside === undefined || isItem === isItemLine(source.at(beside.line))) return undefined;
  if (isItem) {
    return {
      offset,
      message: `this list item stands beside the key ${beside.name} of line ${beside.line + 1}`,
      expected: 'list items under a key that has no value of its own',
      fix: 'write the key of the list above it, as in `plugins:`',
    };
  }
  const above = levels.findLast((level) => level.indent < indent);
  const outside = above && ` or indent it as ${above.name} on line ${above.line + 1}`;
  return {
    offset,
    message: 'this line stands among the items of a list, but does not begin with "- "',
    expected: `"- " as on line ${beside.line + 1}, or the indentation of a key`,
    fix: ['write "- " before it', ...(outside === undefined ? [] : [outside])].join(','),
  };
}

/** A line that is indented as no line above it; undefined where one is. */
export function wrongIndent(source: SourceLines, line: number): SyntaxProblem | undefined {
  const indent = source.indent(line);
  const levels = source.levelsAbove(line);
  if (levels.some((level) => level.indent === indent)) return undefined;
  const lower = levels.findLast((level) => level.indent < indent);
  const higher = levels.find((level) => level.indent > indent);
  const value = lower && higher === undefined ? valueOf(source.at(lower.line)) : undefined;
  if (value !== undefined) return deeper(source, lower!.line, line, value);
  const near = [lower, higher]
    .filter((level) => level !== undefined)
    .map(({ indent, name, line }) => `${spaces(indent)}, as ${name} on line ${line + 1}`);
  return {
    offset: source.offset(line) + indent,
    message: `${source.name(line)} is indented by ${spaces(indent)}, which matches no line above it`,
    ...(near.length === 0 ? {} : { expected: near.join(', or ') }),
    fix: near.length === 0 ? 'remove the spaces before it' : `indent it by ${near.at(-1)!}`,
  };
}

/** A key that stands where a value is: `a: b: c`, or a deeper line below a value. */
export function nestedValue(
  source: SourceLines,
  line: number,
  column: number,
): SyntaxProblem | undefined {
  const text = source.at(line);
  const key = text.slice(0, column);
  if (!/:\s+$/.test(key)) return undefined;
  const value = withoutComment(text.slice(column));
  const colon = /:(\s|$)/.exec(value);
  if (colon !== null) {
    return {
      offset: source.offset(line) + column + colon.index,
      message: 'a second colon on this line would make the value a key',
      expected: 'one key and one value',
      fix: `put the value in quotes: ${key.trim()} ${JSON.stringify(value)}; a map begins on the next line`,
    };
  }
  const next = source.contentAfter(line);
  return next === undefined ? undefined : deeper(source, line, next, value);
}

function deeper(source: SourceLines, line: number, next: number, value: string): SyntaxProblem {
  const [name, parent] = [source.name(next), source.name(line)];
  const indent = source.indent(line);
  return {
    offset: source.offset(next) + source.indent(next),
    message: `${name} is indented deeper than ${parent}, which has the value ${value} already`,
    expected: `${spaces(indent)}, as ${parent} on line ${line + 1}`,
    fix: indent === 0 ? `remove the spaces before ${name}` : `indent ${name} by ${spaces(indent)}`,
  };
}

/** The value behind the key of a line; undefined where the line has none. */
function valueOf(text: string): string | undefined {
  const value = /:\s+([^\s#].*)$/.exec(text)?.[1];
  return value === undefined || /^[|>&]/.test(value) ? undefined : withoutComment(value);
}

function withoutComment(value: string): string {
  return value.replace(/\s+#.*$/, '').trim();
}
