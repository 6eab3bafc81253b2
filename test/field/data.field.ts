/** Files of puzzles as other programs leave them: read as they are meant, or refused by the name of what is wrong. */
import { readdir, rename } from 'node:fs/promises';

import { beforeEach, describe, expect, it } from 'vitest';

import { tiny } from '../fixes/tiny.ts';
import { here } from './here.ts';

const held = here();

const ROWS = [
  ['1...3...2...4...', '1243342121344312'],
  ['.2....1.2....3.1', '1234341221434321'],
].map(([question, answer], i) => ({ question: question!, answer: answer!, rating: i + 2 }));

/** @param lines  of a row. */
const csv = (header: string, line: (row: (typeof ROWS)[number], i: number) => string, end = '\n') =>
  [header, ...ROWS.map(line), ''].join(end);

const FROM_CSV =
  '  dataset: { use: sudoku, source: { csv: { size: 4, train: t.csv, test: t.csv } } }';
const until = ['run', 'p.yml', '--until', 'build', '--run-dir', 'r'];

describe('a table of Sudokus', () => {
  it.each([
    [
      'other names of columns',
      csv('puzzle,solution', ({ question, answer }) => `${question},${answer}`),
    ],
    [
      'names in capitals, with blanks',
      csv('Quizzes, Solutions', ({ question, answer }) => `${question}, ${answer}`),
    ],
    [
      'a number in front that pandas wrote',
      csv(',question,answer', ({ question, answer }, i) => `${i},${question},${answer}`),
    ],
    [
      'more columns',
      csv(
        'id,question,answer,clues,difficulty',
        ({ question, answer }, i) => `${i},${question},${answer},4,1.5`,
      ),
    ],
    [
      'quotation marks',
      csv('"question","answer"', ({ question, answer }) => `"${question}","${answer}"`),
    ],
    ['semicolons', csv('question;answer', ({ question, answer }) => `${question};${answer}`)],
    ['tabs', csv('question\tanswer', ({ question, answer }) => `${question}\t${answer}`)],
    [
      'a rating with a point',
      csv(
        'question,answer,rating',
        ({ question, answer, rating }) => `${question},${answer},${rating}.0`,
      ),
    ],
    [
      'zeros for blanks',
      csv(
        'quizzes,solutions',
        ({ question, answer }) => `${question.replaceAll('.', '0')},${answer}`,
      ),
    ],
    [
      'lines of Windows',
      csv('question,answer', ({ question, answer }) => `${question},${answer}`, '\r\n'),
    ],
    [
      'a mark of its encoding',
      `\uFEFF${csv('question,answer', ({ question, answer }) => `${question},${answer}`)}`,
    ],
    [
      'empty lines at the end',
      `${csv('question,answer', ({ question, answer }) => `${question},${answer}`)}\n\n`,
    ],
  ])('with %s is read', async (_what, text) => {
    await held.place.write('p.yml', tiny({ dataset: FROM_CSV }));
    await held.place.write('t.csv', text);
    const { exitCode, output } = await held.place.pipeline(until);
    expect(exitCode, output).toBe(0);
  });

  it.each([
    ['columns of something else', 'name,age\nAnn,3\n', 'name the columns'],
    ['nothing', '', 't.csv'],
    ['a picture', '\u0089PNG\r\n\u001A\n\u0000\u0000', 't.csv'],
    [
      'a pointer of Git LFS',
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 4711\n`,
      'lfs pull',
    ],
    ['a page in place of the file', '<!DOCTYPE html>\n<html><body>404</body></html>\n', 't.csv'],
  ])('that is %s is refused', async (_what, text, told) => {
    await held.place.write('p.yml', tiny({ dataset: FROM_CSV }));
    await held.place.write('t.csv', text);
    const { exitCode, output } = await held.place.pipeline(until);
    expect([1, 2], output).toContain(exitCode);
    expect(output).toContain(told);
    expect(output).not.toMatch(/\n\s+at \w+.*\(/); // a stack trace
  });
});

describe('a folder of ARC tasks', () => {
  const ARC =
    '  dataset: { use: arc, canvas: 5, subsets: [a, b], testSubsets: [b], source: { folders: { a: a, b: b } } }';
  const task = (colour: number) => {
    const grid = [
      [colour, 0],
      [0, colour],
    ];
    return JSON.stringify({ train: [{ input: grid, output: [[colour]] }], test: [{ input: grid, output: [[colour]] }] }); // prettier-ignore
  };
  const BYPRODUCTS: readonly (readonly [name: string, text: string])[] = [
    ['.ipynb_checkpoints/one-checkpoint.json', task(7)],
    ['._one.json', '\u0000\u0005\u0016\u0007junk'],
    ['.DS_Store', '\u0000\u0000Bud1'],
    ['__MACOSX/._one.json', '\u0000'],
    ['Thumbs.db', '\u00D0\u00CF'],
    ['desktop.ini', '[.ShellClassInfo]'],
    ['one.json~', task(7)],
    ['one.json.swp', '\u0000'],
    ['#one.json#', task(7)],
    ['README.md', '# tasks'],
    ['.git/HEAD', 'ref'],
  ];

  beforeEach(async () => {
    await held.place.write('p.yml', tiny({ dataset: ARC, evaluate: 'evaluate: { evaluators: [exact-accuracy, arc-voting] }' })); // prettier-ignore
    await held.place.write('a/one.json', task(1));
    await held.place.write('a/two.json', task(2));
    await held.place.write('b/three.json', task(3));
  });

  async function tested(): Promise<string[]> {
    const { exitCode, output } = await held.place.pipeline(['run', 'p.yml', '--run-dir', 'r', 'train.maxSteps=1']); // prettier-ignore
    expect(exitCode, output).toBe(0);
    const files = await readdir(held.place.at('r'), { recursive: true });
    const submission = files.find((file) => file.endsWith('submission.json'));
    return Object.keys(JSON.parse(await held.place.read(`r/${submission}`)) as object);
  }

  it('has the tasks that are in it, not what other programs left there', async () => {
    for (const [name, text] of BYPRODUCTS) {
      await held.place.write(`a/${name}`, text);
      await held.place.write(`b/${name}`, text);
    }
    expect(await tested()).toEqual(['three']);
  });

  it.each([
    ['is empty', ''],
    ['ends too early', '{"train": [{"input"'],
    [
      'is a pointer of Git LFS',
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'b'.repeat(64)}\nsize 9\n`,
    ],
  ])('names a task that %s', async (_what, text) => {
    await held.place.write('b/broken.json', text);
    const { exitCode, output } = await held.place.pipeline(until);
    expect([1, 2], output).toContain(exitCode);
    expect(output).toContain('broken.json');
  });

  it('leaves out a grid that is too large, and says so', async () => {
    const large = Array.from({ length: 31 }, () => Array<number>(31).fill(1));
    await held.place.write('a/large.json', JSON.stringify({ train: [{ input: large, output: large }], test: [{ input: large, output: large }] })); // prettier-ignore
    const { exitCode, output } = await held.place.pipeline([...until, 'loggers=[console]']);
    expect(exitCode, output).toBe(0);
    expect(output).toContain('large');
  });
});

describe('a drawing of a puzzle', () => {
  const CELLS = '1...3...2...4...';
  const rows = CELLS.match(/..../g)!;
  const DRAWINGS: readonly (readonly [what: string, text: string])[] = [
    ['one line', CELLS],
    ['zeros', CELLS.replaceAll('.', '0')],
    ['rows', rows.join('\n')],
    ['blanks between', rows.map((row) => [...row].join(' ')).join('\n')],
    [
      'plus and minus',
      rows
        .map((row, i) => `${i % 2 === 0 ? '+--+--+\n' : ''}|${row.slice(0, 2)}|${row.slice(2)}|`)
        .join('\n') + '\n+--+--+',
    ],
    [
      'lines of boxes',
      `┌──┬──┐\n${rows.map((row) => `│${row.slice(0, 2)}│${row.slice(2)}│`).join('\n')}\n└──┴──┘`,
    ],
    [
      'double lines',
      `╔══╦══╗\n${rows.map((row) => `║${row.slice(0, 2)}║${row.slice(2)}║`).join('\n')}\n╚══╩══╝`,
    ],
    ['a head with signs', `#A Somebody\n#D easy\n${rows.join('\n')}`],
    ['a section', `[Puzzle]\n${rows.join('\n')}`],
    ['stars and equals', `*=====*\n${rows.map((row) => `|${row}|`).join('\n')}\n*=====*`],
    ['lines of Windows', rows.join('\r\n')],
    ['underscores', CELLS.replaceAll('.', '_')],
  ];

  it('is read in each of a dozen ways', async () => {
    await held.place.write('p.yml', tiny());
    const made = await held.place.pipeline(['run', 'p.yml', '--run-dir', 'r']);
    expect(made.exitCode, made.output).toBe(0);
    for (const [what, text] of DRAWINGS) {
      await held.place.write('puzzle.txt', `${text}\n`);
      const { exitCode, output } = await held.place.pipeline(['predict', 'r', 'puzzle.txt']);
      expect({ what, exitCode }, output).toEqual({ what, exitCode: 0 });
    }
    for (const text of [
      '1...3...',
      `${CELLS}1`,
      'not a puzzle',
      rows.join('\n').replace('1', '7'),
    ]) {
      await held.place.write('puzzle.txt', text);
      const { exitCode, output } = await held.place.pipeline(['predict', 'r', 'puzzle.txt']);
      expect([1, 2], `${text}: ${output}`).toContain(exitCode);
      expect(output).toContain('puzzle.txt');
    }
  });
});

describe('a table that changes between the sessions of a run', () => {
  it('is noticed by what is in it, not by its name or time', async () => {
    await held.place.write('p.yml', tiny({ dataset: FROM_CSV, size: '  globalBatchSize: 2', epochs: '  epochs: 4', interval: '  evalInterval: 4' })); // prettier-ignore
    const text = csv('question,answer', ({ question, answer }) => `${question},${answer}`);
    await held.place.write('t.csv', text);
    const made = await held.place.pipeline(['run', 'p.yml', '--run-dir', 'r', 'train.maxSteps=2']);
    expect(made.exitCode, made.output).toBe(0);
    await rename(held.place.at('t.csv'), held.place.at('old.csv'));
    await held.place.write('t.csv', text);
    const same = await held.place.pipeline(['resume', 'r']);
    expect(same.exitCode, same.output).toBe(0);
    await held.place.write('t.csv', text.replace('1...3...2...4...', '12..3...2...4...'));
    const other = await held.place.pipeline(['resume', 'r', 'train.maxSteps=4']);
    expect(other.exitCode, other.output).toBe(2);
    expect(other.output).toContain('RUN_DATA_CHANGED');
    expect(other.output).toContain('--allow-other-data');
  });
});
