import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { ConfigInvalid, formatProblems } from './problem.ts';
import { parseYaml } from './read-yaml.ts';

function problemsOf(text: string): ConfigInvalid['problems'] {
  try {
    parseYaml(text, 'x.yml');
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.problems;
    throw error;
  }
  return [];
}

const told = (text: string) =>
  problemsOf(text).map(({ origin, message, fix }) => {
    const { line, column } = origin as { line: number; column: number };
    return `${line}:${column} ${message} → ${fix}`;
  });

describe('what is wrong with a YAML text', () => {
  it('shows the line, a caret and a fix', () => {
    const [problem] = problemsOf('name: a\ntrain:\n  model: trm\n   epochs: 3\n');
    expect(formatProblems([problem!])[0]).toBe(
      [
        'x.yml:4:4',
        '  epochs is indented deeper than model, which has the value trm already',
        '  4 |    epochs: 3',
        '    |    ^',
        '  expected  2 spaces, as model on line 3',
        '  fix       indent epochs by 2 spaces',
      ].join('\n'),
    );
  });

  it.each([
    // Indentation.
    [
      'a:\n  b: 3\n c: 4\n',
      '3:2 c is indented by 1 space, which matches no line above it → indent it by 2 spaces, as b on line 2',
    ],
    [
      ' a: 1\nb: 4\n',
      '2:1 b is indented by no space, which matches no line above it → indent it by 1 space, as a on line 1',
    ],
    [
      'a: 1 # c: d\n  b: 3\n',
      '2:3 b is indented deeper than a, which has the value 1 already → remove the spaces before b',
    ],
    [
      'a:\n\tb: 3\n',
      '2:1 a tab indents this line, but YAML allows only spaces → write 2 spaces instead of the tab',
    ],
    [
      'a:\n    b: 3\n\tc: 3\n\td: 3\n',
      '3:1 a tab indents this line, but YAML allows only spaces → write 4 spaces instead of each tab; 2 lines of the file begin with one',
    ],
    [
      'a: {\n\tb: 3,\n}\n',
      '2:1 a tab indents this line, but YAML allows only spaces → write 2 spaces instead of the tab',
    ],
    [
      'a:\n  - x\n  b: 4\n',
      '3:3 this line stands among the items of a list, but does not begin with "- " → write "- " before it, or indent it as a on line 1',
    ],
    [
      'a: 1\n- b\n',
      '2:1 this list item stands beside the key a of line 1 → write the key of the list above it, as in `plugins:`',
    ],
    [
      'a:\n  - x\n   - y\n',
      '3:4 this list item is indented deeper than the one above, so YAML reads it as part of that item’s text → indent its dash as that of the item above',
    ],
    [
      'a: 1\n\u00a0\u00a0b: 3\n',
      '2:1 a no-break or other special space (U+00A0) is here, which YAML reads as a letter → replace it with plain spaces',
    ],
    // Colons, dashes, commas.
    ['a:\n  b:3\n  c: 4\n', '2:5 a space is missing after the colon → write b: 3'],
    ['a: 1\nb 4\n', '2:1 this line has no colon → write b: 4'],
    ['a: 1\nb = 4\n', '2:1 this line has = where YAML has a colon → write b: 4'],
    [
      'a: b: c\n',
      '1:5 a second colon on this line would make the value a key → put the value in quotes: a: "b: c"; a map begins on the next line',
    ],
    ['a: - 4\n', '1:4 a list cannot begin on the line of its key → write a: [4]'],
    [
      'a: {b: 3 c: 4}\n',
      '1:10 a comma is missing between two entries → write a comma before c; a text with ": " in it goes in quotes',
    ],
    ['a: {\n  b: 3\n  c: 4\n}\n', '2:7 a comma is missing at the end of this line → write b: 3,'],
    ['a: [b, , c]\n', '1:8 nothing stands before this comma → remove one of the commas'],
    [
      'a: [\n  - b\n]\n',
      '2:3 items inside [ ] are separated by commas, not dashes → remove the dash and write commas; or remove the [ and ], and keep the dashes',
    ],
    // Quotes and brackets.
    [
      'a: "b\nc: 3\n',
      '1:4 the text that begins with " here is not closed → write " at the end of the text, on line 1, or remove this one',
    ],
    [
      "a: 'it's me'\n",
      "1:8 something follows the ' that ends the text → remove it, or move the ' after it; a ' inside the text is written ''",
    ],
    ['a: {b: 3\nc: 3\n', '1:4 this { is never closed → write } at the end of line 1'],
    ['a: [b,\n  c\nd: 3\n', '1:4 this [ is never closed → write ] at the end of line 2'],
    [
      'a: [b,\nc]\nd: 3\n',
      '2:1 this line belongs to the [ of line 1, but is not indented → indent the lines down to the ] by 2 spaces',
    ],
    [
      'a: [b]]\nc: 3\n',
      '1:7 this ] closes a bracket that was never opened → remove it, or write the [ that it belongs to; in a text, put the text in quotes',
    ],
    [
      'a: [b}\n',
      '1:6 this } stands where the [ of line 1 wants its ] → write ] in place of }, or close with ] first',
    ],
    [
      'a: "\\d"\n',
      '1:5 \\d is not an escape sequence, and inside "…" every \\ begins one → write \\\\d, or put the text in single quotes, which keep \\ as it is',
    ],
    ['a: @b\n', '1:4 a value cannot begin with @ unless it is in quotes → write "@b"'],
    // Keys, anchors, tags, documents.
    ['a: 1\na: 2\n', '2:1 the key "a" appears twice in one map → remove one of the two'],
    ['a: *b\n', '1:4 no anchor &b before this alias → name an anchor that ends before this place'],
    [
      'a: & b\n',
      '1:4 & needs a name directly after it, and then a value → write a name directly after &; put the value in quotes where text is meant',
    ],
    [
      'a: !!python/object x\n',
      '1:4 pipeline files do not support the tag !!python/object → remove !!python/object; put the value in quotes where text is meant',
    ],
    [
      'a: 1\n---\nb: 2\n',
      '2:1 a second document begins here, but a file holds one pipeline → remove the line --- or ... and what is below it, or move that to a file of its own',
    ],
    [
      'b: 1\n<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n',
      '2:1 a merge conflict of Git is left in the file → keep the lines that you want, and remove the lines <<<<<<<, ======= and >>>>>>>',
    ],
    [
      'a: | b\n  c\n',
      '1:6 a text after | or > begins on the next line, with all its lines indented alike → move the text to the next line and indent it, or remove the sign',
    ],
  ])('%j', (text, expected) => {
    expect(told(text)).toEqual([expected]);
  });

  it('lists each mistake in a value', () => {
    expect(told('a: "\\d"\nb: @x\n')).toHaveLength(2);
  });

  // Following the fix leads to a text that is read.
  it.each([
    ['a:\n  b: 3\n c: 4\n', 'a:\n  b: 3\n  c: 4\n'],
    ['a:\n  b:3\n  c: 4\n', 'a:\n  b: 3\n  c: 4\n'],
    ['a: b: c\n', 'a: "b: c"\n'],
    ['a: {\n  b: 3\n  c: 4\n}\n', 'a: {\n  b: 3,\n  c: 4\n}\n'],
    ['a: [b,\n  c\nd: 3\n', 'a: [b,\n  c]\nd: 3\n'],
    ['a: [b,\nc]\nd: 3\n', 'a: [b,\n  c]\nd: 3\n'],
    ['a: "\\d"\n', 'a: "\\\\d"\n'],
    ['a: @b\n', 'a: "@b"\n'],
    ['a: - 4\n', 'a: [4]\n'],
    ["a: 'it's me'\n", "a: 'it''s me'\n"],
    ['a:\n  - x\n  b: 4\n', 'a:\n  - x\nb: 4\n'],
  ])('%j is mended as it says', (text, mended) => {
    expect(problemsOf(text)).not.toEqual([]);
    expect(problemsOf(mended)).toEqual([]);
  });

  it('never speaks the language of the YAML parser', () => {
    const folder = join(import.meta.dirname, '../../../../pipelines');
    const names = ['sudoku-4x4.yml', 'compare-models.yml', 'arc-small.yml', 'sudoku-trm-mlp.yml'];
    let count = 0;
    for (const file of names) {
      const text = readFileSync(join(folder, file), 'utf8');
      for (const damaged of damages(text)) {
        for (const { message, fix, excerpt, origin } of problemsOf(damaged)) {
          count++;
          expect(`${message} ${fix}`).not.toMatch(
            /implicit|compact map|scalar|token|mapping|sequence(?!,)|flow |indicator|stream/i,
          );
          const { line, column } = origin as { line: number; column: number };
          const shown = damaged.split('\n')[line - 1] ?? '';
          expect(column).toBeLessThanOrEqual(shown.length + 1);
          expect(excerpt).toMatch(/^ +\d+ \| .*\n +\| *\^$/);
        }
      }
    }
    expect(count).toBeGreaterThan(100);
  });
});

/** A text without one of its signs, with one too many, or with a line moved. */
function* damages(text: string): Generator<string> {
  const signs = [...text.matchAll(/[[\]{}"':,-]/g)].filter((_sign, i) => i % 4 === 0);
  for (const { index, 0: sign } of signs) {
    yield text.slice(0, index) + text.slice(index + 1);
    yield text.slice(0, index) + sign + text.slice(index);
  }
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i += 3) {
    for (const indented of [` ${lines[i]}`, `\t${lines[i]}`, lines[i]!.slice(1)]) {
      yield [...lines.slice(0, i), indented, ...lines.slice(i + 1)].join('\n');
    }
  }
}
