/**
 * Links of Markdown files that are read on GitHub too: one to a file that is a page becomes a link to the page, one
 * to any other file of the repository becomes a link to the repository on the web. A link to nothing fails the build.
 */
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import type { MarkdownRenderer } from 'vitepress';

import { addressOf, fromRoot, repositoryUrl, ROOT } from '../repository.ts';

/** The values that VitePress and its plugins leave in the environment of a page. */
interface PageEnvironment {
  readonly path?: string;
  /** `source` names the file, from the root of the repository, whose text the page includes. */
  readonly frontmatter?: { readonly source?: string };
}

/**
 * Returns where a link of a Markdown file leads on the site.
 *
 * @param file  absolute path of the file that has the link
 * @throws if the link names a file that is not there
 */
export function siteLink(href: string, file: string): string {
  if (href === '' || /^(?:[a-z][a-z0-9+.-]*:|#|\/)/i.test(href)) return href;
  const [path = '', anchor] = href.split('#');
  const target = resolve(dirname(file), decodeURI(path));
  if (!existsSync(target))
    throw new Error(`${fromRoot(file)} links to ${href}, which is not there`);
  const isFolder = statSync(target).isDirectory();
  const page = addressOf(isFolder ? `${fromRoot(target)}/README.md` : fromRoot(target));
  const isPage = page !== undefined && (!isFolder || existsSync(resolve(target, 'README.md')));
  const address = isPage ? page : repositoryUrl(fromRoot(target), isFolder);
  return anchor === undefined ? address : `${address}#${anchor}`;
}

export function repositoryLinks(md: MarkdownRenderer): void {
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    const { path, frontmatter } = env as PageEnvironment;
    if (path === undefined) return;
    const file = frontmatter?.source === undefined ? path : resolve(ROOT, frontmatter.source);
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (href !== null) token.attrSet('href', siteLink(href, file));
    }
  });
}
