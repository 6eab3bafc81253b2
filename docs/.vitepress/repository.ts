/** Where the repository is, on disk and on the web, and which of its files are pages of the site. */
import { existsSync, readdirSync } from 'node:fs';
import { join, posix, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(fileURLToPath(new URL('.', import.meta.url)), '../..');
export const DOCS = join(ROOT, 'docs');
export const REPOSITORY = 'https://github.com/eddy-pipelines/eddy';

/** Files outside of `docs/` that are pages, with the address of each. `generate/project.ts` writes these pages. */
export const PROJECT_PAGES: Readonly<Record<string, string>> = {
  'README.md': '/project/overview',
  'ARCHITECTURE.md': '/project/architecture',
  'CONTRIBUTING.md': '/project/contributing',
};

/** Files under `docs/` that are no pages: what was measured on its day, for developers. */
export const NOT_PAGES: readonly string[] = ['docs/log.md'];

/**
 * Returns the address of the page that a file of the repository is, without the extension; undefined if it is no page.
 *
 * @param file  path from the root of the repository, with `/` between folders
 */
export function addressOf(file: string): string | undefined {
  if (PROJECT_PAGES[file] !== undefined) return PROJECT_PAGES[file];
  const [, name] = /^packages\/([^/]+)\/README\.md$/.exec(file) ?? [];
  if (name !== undefined) return `/api/${name}/`;
  const [, model] = /^packages\/models\/src\/([^/]+)\/README\.md$/.exec(file) ?? [];
  if (model !== undefined) return `/reference/model/${model}`;
  if (NOT_PAGES.includes(file) || !/^docs\/.*\.md$/.test(file)) return undefined;
  return file
    .slice('docs'.length)
    .replace(/\.md$/, '')
    .replace(/\/(?:README|index)$/, '/');
}

/** Returns the address of a file or folder of the repository on the web. */
export function repositoryUrl(path: string, isFolder: boolean): string {
  return `${REPOSITORY}/${isFolder ? 'tree' : 'blob'}/main/${path}`;
}

/** Returns a path from the root of the repository, with `/` between folders. */
export function fromRoot(path: string): string {
  return relative(ROOT, path).split(sep).join(posix.sep);
}

/** Returns the names of the Markdown files of a folder under `docs/`, sorted; none if there is no such folder. */
export function pagesIn(folder: string): string[] {
  const path = join(DOCS, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith('.md'))
    .toSorted();
}
