/** Files as Kaggle, pandas and spreadsheets write them are read; what is no such file is named. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import type { DatasetSource, Example } from '@eddy/core';
import { formatSudoku, sudokuGridOf } from '@eddy/puzzles';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import sudoku from '../sudoku/sudoku.plugin.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'eddy-csv-'))));
afterEach(() => rm(folder, { recursive: true }));

const QUESTIONS = ['1234............', '12..34..........'];
const ZEROS = QUESTIONS.map((question) => question.replaceAll('.', '0'));
const ANSWERS = ['1234341221434321', '1234341221434321'];
ANSWERS[1] = '1243342121344312';

async function read(content: string | Uint8Array, options: object = {}): Promise<Example[]> {
  await writeFile(path.join(folder, 'train.csv'), content);
  return readFrom('train.csv', options);
}

async function readFrom(train: string, options: object = {}): Promise<Example[]> {
  const config = sudoku.config.parse({ source: { csv: { size: 4, train } }, ...options });
  const services = { configFolder: folder, cacheFolder: folder, offline: true };
  const source = sudoku.create(config, { ...services, notify: () => undefined }) as DatasetSource;
  const examples: Example[] = [];
  for await (const group of source.groups('train', new AbortController().signal)) {
    examples.push(...group.puzzles.flatMap((puzzle) => puzzle.examples));
  }
  return examples;
}

/** @param cells  of each row, joined by the delimiter. */
function lines(
  delimiter: string,
  header: readonly string[],
  cells: readonly (readonly string[])[],
) {
  return [header, ...cells].map((row) => row.join(delimiter)).join('\n');
}

describe('dialects', () => {
  const usual = (cell: (text: string) => string, rating: (i: number) => string, delimiter = ',') =>
    lines(
      delimiter,
      ['source', 'question', 'answer', 'rating'].map(cell),
      QUESTIONS.map((question, i) => ['mine', question, ANSWERS[i]!, rating(i)].map(cell)),
    );
  const plain = (text: string) => text;
  const digits = (i: number) => String(i + 3);
  const named = (question: string, answer: string) =>
    lines(
      ',',
      [question, answer],
      ZEROS.map((text, i) => [text, ANSWERS[i]!]),
    );

  it.each([
    ['the usual one', usual(plain, digits), [3, 4]],
    ['quoted', usual((text) => `"${text}"`, digits), [3, 4]],
    ['semicolons', usual(plain, digits, ';'), [3, 4]],
    ['tabs', usual(plain, digits, '\t'), [3, 4]],
    ['decimals', usual(plain, (i) => `${i}.5`), [0.5, 1.5]],
    ['decimal commas', usual(plain, (i) => `${i},5`, ';'), [0.5, 1.5]],
    ['exponents', usual(plain, () => '2.5e1'), [25, 25]],
    ['no rating in the rows', usual(plain, () => ''), [undefined, undefined]],
    ['a rating that pandas lost', usual(plain, () => 'NaN'), [undefined, undefined]],
    [
      'a byte order mark and CRLF',
      `\uFEFF${usual(plain, digits).replaceAll('\n', '\r\n')}\r\n`,
      [3, 4],
    ],
    ['blank last lines', `${usual(plain, digits)}\n\n  \n`, [3, 4]],
    ['rows of nothing but delimiters', `${usual(plain, digits)}\n,,,\n`, [3, 4]],
    ['quizzes,solutions', named('quizzes', 'solutions'), [undefined, undefined]],
    ['puzzle,solution', named('puzzle', 'solution'), [undefined, undefined]],
    ['Puzzle, Solution', named('Puzzle', ' Solution'), [undefined, undefined]],
    [
      'an index, clues and difficulty',
      lines(
        ',',
        ['id', 'puzzle', 'solution', 'clues', 'difficulty'],
        QUESTIONS.map((text, i) => [String(i + 1), text, ANSWERS[i]!, '4', '0.0']),
      ),
      [0, 0],
    ],
    [
      'an index of pandas',
      lines(
        ',',
        ['', 'source', 'question', 'answer', 'rating'],
        QUESTIONS.map((text, i) => [String(i), 'mine', text, ANSWERS[i]!, String(i)]),
      ),
      [0, 1],
    ],
    [
      'columns in another order',
      lines(
        ',',
        ['answer', 'question'],
        QUESTIONS.map((text, i) => [ANSWERS[i]!, text]),
      ),
      [undefined, undefined],
    ],
  ])('%s', async (_, text, ratings) => {
    const examples = await read(text);
    const shown = (tokens: Uint8Array) => formatSudoku(sudokuGridOf(tokens));
    expect(examples.map(({ input }) => shown(input))).toEqual(QUESTIONS);
    expect(examples.map(({ label }) => shown(label))).toEqual(ANSWERS);
    expect(examples.map(({ rating }) => (Number.isNaN(rating) ? undefined : rating))).toEqual(
      ratings,
    );
  });

  it('needs ratings where minDifficulty compares them', async () => {
    const text = named('quizzes', 'solutions');
    await expect(read(text, { minDifficulty: 1 })).rejects.toMatchObject({
      code: 'RATING_MISSING',
    });
    expect(await read(usual(plain, digits), { minDifficulty: 4 })).toHaveLength(1);
  });
});

describe('what is no such file', () => {
  const LFS = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d'.repeat(32)}\nsize 31415926\n`;
  const text = 'question,answer\n';

  it.each([
    ['a Git LFS pointer', LFS, 'GIT_LFS_POINTER', /^a text that begins with/],
    ['no header', `${QUESTIONS[0]},${ANSWERS[0]}\n`, 'CSV_HEADER_INVALID', /^"1234/],
    ['one column', 'quizzes\n', 'CSV_HEADER_INVALID', /^"quizzes"$/],
    ['nothing', '', 'CSV_HEADER_INVALID', /^no text$/],
    ['compressed', gzipSync(text), 'CSV_HEADER_INVALID', /^a file compressed by gzip$/],
    ['UTF-16', Buffer.from(`\uFEFF${text}`, 'utf16le'), 'CSV_HEADER_INVALID', /^text in UTF-16/],
  ])('%s', async (_, content, code, received) => {
    await expect(read(content)).rejects.toMatchObject({
      code,
      facts: { received: expect.stringMatching(received) as string },
    });
  });

  it('says how to fetch what Git LFS left out', async () => {
    await expect(read(LFS)).rejects.toMatchObject({
      facts: {
        expected: 'the file itself, 31415926 bytes',
        fix: expect.stringContaining('`git lfs install && git -C ') as string,
      },
    });
  });

  it.each([
    ['a folder', 'a folder'],
    ['a pipe', 'a pipe'],
  ])('%s', async (kind, received) => {
    const place = path.join(folder, 'train.csv');
    if (kind === 'a folder') await mkdir(place);
    else execFileSync('mkfifo', [place]);
    await expect(readFrom('train.csv')).rejects.toMatchObject({
      code: 'INPUT_NOT_A_FILE',
      facts: { received },
    });
  });
});
