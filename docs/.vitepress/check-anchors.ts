/** Links within the site lead to a heading that is there. VitePress itself only knows pages. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Reads the pages of a built site and compares every link to an anchor with the anchors of its page.
 *
 * @throws with every link that leads to no heading
 */
export function checkAnchors(folder: string, base: string): void {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.html'),
  );
  const pages = new Map(
    files.map((file) => {
      const html = readFileSync(join(folder, file), 'utf8');
      const address = `${base}${file.replaceAll('\\', '/').replace(/(?:^|(?<=\/))index\.html$|\.html$/, '')}`;
      return [address, { html, anchors: anchorsOf(html) }];
    }),
  );
  const dead = [...pages].flatMap(([address, { html }]) =>
    linksOf(html)
      .map((link) => new URL(link, `http://site${address}`))
      .filter(({ host, hash }) => host === 'site' && hash.length > 1)
      .filter(({ pathname, hash }) => {
        const target = pages.get(decodeURI(pathname));
        return target !== undefined && !target.anchors.has(decodeURIComponent(hash.slice(1)));
      })
      .map((url) => `${address} links to ${url.pathname}${decodeURI(url.hash)}`),
  );
  if (dead.length > 0) throw new Error(`${dead.length} dead anchors:\n${dead.join('\n')}`);
}

function anchorsOf(html: string): Set<string> {
  return new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!));
}

function linksOf(html: string): string[] {
  return [...html.matchAll(/<a\b[^>]*\shref="([^"]+)"/g)].map(([, href]) =>
    href!.replaceAll('&amp;', '&'),
  );
}
