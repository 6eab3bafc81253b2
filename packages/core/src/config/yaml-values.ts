/** Errors of the YAML parser about one value: what follows it is read correctly. */
import type { YAMLError } from './yaml.ts';

import type { SourceLines, SyntaxProblem } from './source-lines.ts';

/** An error of the parser. */
export type Fault = Pick<YAMLError, 'code' | 'message' | 'pos'>;

const OF_ONE_VALUE: ReadonlySet<string> = new Set([
  ...['BAD_DQ_ESCAPE', 'TAG_RESOLVE_FAILED', 'BAD_COLLECTION_TYPE', 'BAD_ALIAS', 'ALIAS_PROPS'],
  ...['BAD_SCALAR_START', 'MULTIPLE_ANCHORS', 'MULTIPLE_TAGS', 'BAD_PROP_ORDER', 'BAD_DIRECTIVE'],
]);

/** True of the errors that {@link explainValue} explains. */
export function isValueErrorCode(code: string): boolean {
  return OF_ONE_VALUE.has(code);
}

/** Says in plain words what is wrong with a value, and what to write. */
export function explainValue(
  { code, message, pos: [offset] }: Fault,
  source: SourceLines,
): SyntaxProblem {
  const { text } = source;
  const word = /^\S*/.exec(text.slice(offset, offset + 80))![0];
  const quoteIt = 'put the value in quotes where text is meant';
  switch (code) {
    case 'BAD_DQ_ESCAPE': {
      const escape = text.slice(offset, offset + 2);
      return {
        offset,
        message: `${escape} is not an escape sequence, and inside "…" every \\ begins one`,
        expected: 'an escape such as \\n, \\t, \\\\ or \\u00e9',
        fix: `write \\${escape}, or put the text in single quotes, which keep \\ as it is`,
      };
    }
    case 'BAD_SCALAR_START': {
      const sign = /character (\S+)$/.exec(message)?.[1] ?? word.slice(0, 1);
      return {
        offset,
        message: `a value cannot begin with ${sign} unless it is in quotes`,
        fix: `write ${JSON.stringify(/^[^#\n,\]}]*/.exec(text.slice(offset, offset + 80))![0].trim())}`,
      };
    }
    case 'TAG_RESOLVE_FAILED':
    case 'BAD_COLLECTION_TYPE':
      return {
        offset,
        message: `pipeline files do not support the tag ${word}`,
        expected: 'a plain value',
        fix: `remove ${word}; ${quoteIt}`,
      };
    case 'BAD_ALIAS':
    case 'ALIAS_PROPS': {
      const sign = word[0] === '*' ? '*' : '&';
      return {
        offset,
        message: `${sign} needs a name directly after it${sign === '&' ? ', and then a value' : ''}`,
        expected: '&name before a value, and *name where it is used again',
        fix: `write a name directly after ${sign}; ${quoteIt}`,
      };
    }
    case 'BAD_DIRECTIVE':
      return {
        offset,
        message: 'a line that begins with % is an instruction to the YAML reader',
        expected: 'lines of key: value',
        fix: 'remove the line, or begin it with # as a comment',
      };
    default:
      return {
        offset,
        message: 'a value has at most one anchor (&name), which stands right before it',
        expected: 'key: &name value',
        fix: `remove the extra one; ${quoteIt}`,
      };
  }
}
