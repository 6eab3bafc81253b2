/** A page in Japanese says what the English one says: the same code, links to files and table rows. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const docs = resolve(import.meta.dirname, '../../docs');
const pages = readdirSync(resolve(docs, 'ja'));

describe.each(pages)('the Japanese page %s', (page) => {
  const japanese = readFileSync(resolve(docs, 'ja', page), 'utf8');
  const english = readFileSync(
    page === 'index.md' ? resolve(docs, page) : resolve(docs, 'guides', page),
    'utf8',
  );
  const parts = (text: string) => ({
    code: text.match(/^```[^]*?^```/gm),
    headings: text.match(/^#+ /gm),
    // Keys and numbers of a row are the same; words are not compared.
    rows: [...text.matchAll(/^\| `[^|]*\| `([\w.]+)`/gm)].map(([, key]) => key),
  });

  it('has the code, the headings and the keys of the English one', () => {
    expect(parts(japanese)).toEqual(parts(english));
  });

  it('has the numbers of the paper', () => {
    const percentages = (text: string) => text.match(/[\d.]+ %/g)?.sort();
    expect(percentages(japanese)).toEqual(percentages(english));
  });

  it('links to files that are there', () => {
    for (const [, link] of japanese.matchAll(/\]\((?!https:)([^)#]+)/g)) {
      expect(existsSync(resolve(dirname(resolve(docs, 'ja', page)), link!)), link).toBe(true);
    }
  });
});
