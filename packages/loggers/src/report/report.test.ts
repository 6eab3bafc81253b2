import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { exampleRun, freshFolder, sharedFolder } from '@eddy/core/testing';
import { from } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { html } from './html.ts';
import { createReportLogger } from './report-logger.ts';

const other = freshFolder();

const folder = sharedFolder();
let page: string;

/** As an earlier version wrote it. */
const trace = {
  format: 'eddy-trace/1',
  step: 40,
  split: 'test',
  task: 'sudoku',
  rows: 4,
  cols: 4,
  examples: [
    {
      index: 7,
      input: [2, 1, 4, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      label: [2, 3, 4, 5, 4, 5, 2, 3, 3, 2, 5, 4, 5, 4, 3, 2],
      steps: [
        { preds: [2, 3, 4, 5, 4, 5, 2, 3, 3, 2, 5, 4, 5, 4, 2, 3], qHalt: -1.25 },
        { preds: [2, 3, 4, 5, 4, 5, 2, 3, 3, 2, 5, 4, 5, 4, 2, 3], qHalt: -1 },
        { preds: [2, 3, 4, 5, 4, 5, 2, 3, 3, 2, 5, 4, 5, 4, 3, 2], qHalt: 2 },
      ],
    },
  ],
};

beforeAll(async () => {
  const events = exampleRun(folder.path);
  const evaluation = events.findLast((event) => event.type === 'evaluation-finished')!;
  mkdirSync(evaluation.folder, { recursive: true });
  writeFileSync(join(evaluation.folder, 'trace.json'), JSON.stringify(trace));
  writeFileSync(join(folder.path, 'config.yml'), 'name: "</pre><script>"\n');
  await createReportLogger(folder.path).attach(from(events));
  page = readFileSync(join(folder.path, 'report.html'), 'utf8');
});

describe('report.html', () => {
  it('stands alone: no script, no address of another file', () => {
    expect(page).not.toMatch(/<script|<link|<img|@import|url\((?!#)|\son\w+=|\sstyle=/i);
    const addresses = [...page.matchAll(/https?:\/\/[^"'\s<]+/g)].map(([address]) => address);
    expect(new Set(addresses)).toEqual(
      new Set(['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink']),
    );
  });

  it('allows nothing but its own style sheet', () => {
    const sheet = /<style>([^]*?)<\/style>/.exec(page)![1]!;
    const hash = createHash('sha256').update(sheet).digest('base64');
    const policy = /Content-Security-Policy"\s+content="([^"]*)"/.exec(page)![1]!;
    expect(policy.replaceAll('&#39;', "'")).toContain(
      `default-src 'none'; style-src 'sha256-${hash}'`,
    );
  });

  it('says whether test data occur in training data', () => {
    expect(page).toMatch(/<li>2 of 1,000 test examples occur in train under the symmetries/);
  });

  it('has the numbers', () => {
    expect(page).toContain('27,138');
    expect(page).toMatch(
      /<tr class="best">\s*<td>test<\/td>\s*<td>40<\/td>\s*<td>200<\/td>\s*<td>90\.0 %<\/td>/,
    );
    expect(page).toContain('name: &#34;&#60;/pre&#62;&#60;script&#62;&#34;');
    expect(page).toContain('a warning');
  });

  it('draws the steps that changed something, with what is wrong', () => {
    const captions = [...page.matchAll(/<figcaption><b>([^]*?)<\/figcaption>/g)].map(([, text]) =>
      text!.replace('</b>', '').replaceAll(/\s+/g, ' ').trim(),
    );
    expect(captions).toEqual([
      'puzzle',
      'step 1 2 wrong, halt −1.3',
      'step 3 2 changed, 0 wrong, halt +2.0',
    ]);
    expect(page.match(/<rect\s+class="wrong"/g)).toHaveLength(2);
    expect(page.match(/<rect\s+class="changed"/g)).toHaveLength(2);
    expect(page).toContain('aria-label="step 3: 1 2 3 4, 3 4 1 2, 2 1 4 3, 4 3 2 1"');
  });

  it('comes with its curves as a picture', () => {
    const svg = readFileSync(join(folder.path, 'curves.svg'), 'utf8');
    expect(svg).toMatch(/^<svg[^]*Puzzles solved exactly[^]*<\/svg>$/);
    expect(page).toContain(svg);
  });
});

it('takes no evaluation of training data for one of unseen puzzles', async () => {
  const events = exampleRun(other.path);
  const last = events.findLast((event) => event.type === 'evaluation-finished')!;
  const metrics = { ...last.metrics, exact_accuracy: 1 };
  const onTrain = { ...last, split: 'train', examples: 777, metrics };
  await createReportLogger(other.path).attach(
    from([...events.slice(0, -1), onTrain, events.at(-1)!]),
  );
  const text = readFileSync(join(other.path, 'report.html'), 'utf8');
  expect(text).toContain('<td>777</td>');
  expect(text).toMatch(/solved of [\d,]+ unseen/);
  expect(text).not.toContain('solved of 777 unseen');
});

describe('html', () => {
  it('escapes values, not HTML', () => {
    const inner = html`<b>${'<&"\''}</b>`;
    expect(html`<p>${inner}${[1, inner]}${null}</p>`.text).toBe(
      '<p><b>&#60;&#38;&#34;&#39;</b>1<b>&#60;&#38;&#34;&#39;</b></p>',
    );
  });
});
