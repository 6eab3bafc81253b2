/** Finds what there is to read about a plugin: its source and its pages. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { PluginEntry } from '@eddy/core/run';

const GUIDES = fileURLToPath(new URL('../../../../docs/guides/', import.meta.url));

export interface PluginPages {
  /** The file that defines the plugin: TypeScript, if the package brings its sources. */
  readonly source: string;
  /** The README.md beside the source of a plugin that has a folder of its own; undefined without one. */
  readonly page: string | undefined;
  /** How to write a plugin of this kind; undefined where only the packages are, which bring no guides. */
  readonly guide: string | undefined;
}

/** Finds them on disk, without importing the plugin. */
export function pagesOf({
  kind,
  name,
  file,
}: Pick<PluginEntry, 'kind' | 'name' | 'file'>): PluginPages {
  const source = sourceOf(file);
  const folder = dirname(source);
  return {
    source,
    page: basename(folder) === name ? existing(join(folder, 'README.md')) : undefined,
    guide: existing(join(GUIDES, guideName(kind))),
  };
}

/** The page of docs/guides about writing plugins of a kind: `write-an-engine.md`. */
export function guideName(kind: string): string {
  return `write-${/^[aeiou]/.test(kind) ? 'an' : 'a'}-${kind}.md`;
}

/** The file from which a file was compiled, by the source map beside it; without one, the file itself. */
function sourceOf(linked: string): string {
  // A package that its manifest describes wrongly is still listed.
  if (!existsSync(linked)) return linked;
  const file = realpathSync(linked);
  const map = existing(`${file}.map`);
  if (map === undefined) return file;
  const { sources } = JSON.parse(readFileSync(map, 'utf8')) as { readonly sources?: string[] };
  // A bundle has several, of which the map does not say which one holds the plugin.
  if (sources?.length !== 1) return file;
  return existing(join(dirname(file), sources[0]!)) ?? file;
}

function existing(path: string): string | undefined {
  return existsSync(path) ? path : undefined;
}
