/** The guides about writing plugins show the files that `pipeline new` writes, which tests run. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { guideName } from '../../packages/cli/src/project/plugin-pages.ts';
import { templateKinds, templateOf } from '../../packages/cli/src/project/templates.ts';

const folder = resolve(import.meta.dirname, '../../docs/guides');
const read = (page: string) => readFileSync(resolve(folder, page), 'utf8');

/** The page with every block under a file's name (`lion.ts`:) filled with that file. */
function filled(page: string, files: Readonly<Record<string, string>>): string {
  return read(page).replace(
    /^`([\w.-]+)`:\n\n```(\w+)\n[^]*?^```$/gm,
    (block, name: string, language: string) =>
      files[name] === undefined ? block : `\`${name}\`:\n\n\`\`\`${language}\n${files[name]}\`\`\``,
  );
}

// The guide about models shows three of them, and test/docs/write-a-model.test.ts compares it.
const kinds = templateKinds().filter((kind) => kind !== 'model');

describe.each(kinds)('the guide about a plugin of kind %s', (kind) => {
  const { name, source, test, yaml } = templateOf(kind);
  const files = { [`${name}.ts`]: source, [`${name}.test.ts`]: test, [`${name}.yml`]: yaml };
  const page = guideName(kind);

  // `npx vitest run --project spanning test/docs/guides.test.ts -u` writes the files into the page.
  it('shows exactly the files of its template', async () => {
    await expect(filled(page, files)).toMatchFileSnapshot(resolve(folder, page));
  });

  it('shows each of them once, and how to make them', () => {
    const shown = [...read(page).matchAll(/^`([\w.-]+)`:$/gm)].map(([, file]) => file!);
    expect(shown.sort()).toEqual(Object.keys(files).sort());
    expect(read(page)).toContain(`pipeline new ${kind} ${name}.ts`);
  });
});

it('are all in the index', () => {
  const index = read('README.md');
  const pages = readdirSync(folder).filter((page) => page.endsWith('.md') && page !== 'README.md');
  for (const page of pages) expect(index).toContain(`(${page})`);
});
