/** Pages of files outside of `docs/`: each includes its file, so that an edit shows at once. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PROJECT_PAGES, ROOT } from '../repository.ts';
import type { Pages } from './write-pages.ts';

export function projectPages(): Pages {
  const included = Object.entries(PROJECT_PAGES).map(([file, address]) => [
    `${address.slice(1)}.md`,
    `---\nsource: ${file}\n---\n\n<!--@include: ../../${file}-->\n`,
  ]);
  return { ...Object.fromEntries(included), 'project/changelog.md': changelog() } as Pages;
}

/** The changelog that `changeset version` wrote, and the entries that it has not written yet. All packages share one version. */
function changelog(): string {
  const released = join(ROOT, 'packages/cli/CHANGELOG.md');
  const versions = existsSync(released)
    ? readFileSync(released, 'utf8').replace(/^# .*\n+/, '')
    : '';
  const folder = join(ROOT, '.changeset');
  const pending = readdirSync(folder)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => readFileSync(join(folder, name), 'utf8').replace(/^---\n[^]*?\n---\n+/, ''));
  const next = pending.length === 0 ? '' : `## Not released yet\n\n${pending.join('\n')}\n`;
  return `# Changelog\n\nAll packages have one version and are released together.\n\n${next}${versions}`;
}
