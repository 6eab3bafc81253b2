/** Writes generated pages; git ignores them. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { DOCS } from '../repository.ts';

/** Generated pages: the path under `docs/`, and the Markdown. */
export type Pages = Readonly<Record<string, string>>;

/** Replaces a folder under `docs/` by these pages, which must all be in it. */
export function writePages(folder: string, pages: Pages): void {
  rmSync(join(DOCS, folder), { recursive: true, force: true });
  for (const [path, text] of Object.entries(pages)) {
    if (!path.startsWith(`${folder}/`)) throw new Error(`${path} is not in ${folder}`);
    const file = join(DOCS, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** Returns text as Markdown that shows exactly it: no markup, no HTML, no template of Vue. */
function escaped(text: string): string {
  return text
    .replace(/[\\`*_[\]<>|]/g, (sign) => ({ '<': '&lt;', '>': '&gt;' })[sign] ?? `\\${sign}`)
    .replaceAll('{{', '&#123;&#123;');
}

/** Returns text as Markdown, in which parts within backticks are code and nothing else is markup. */
export function prose(text: string): string {
  return text
    .split(/(`[^`\n]+`)/)
    .map((part, at) => (at % 2 === 1 ? part.replaceAll('|', '\\|') : escaped(part)))
    .join('');
}

/** Returns a table in Markdown; cells are Markdown. Columns in which every cell is empty are left out. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = head.map((_, column) => rows.some((row) => row[column] !== ''));
  const line = (cells: readonly string[]) => `| ${cells.filter((_, i) => used[i]).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Returns text as code; a bar in it does not end the cell of a table. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text.replaceAll('|', '\\|')}\``;
}
