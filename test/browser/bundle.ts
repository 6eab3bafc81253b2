/** Bundles a page of a test, as the packages' own pages are bundled. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { rolldown } from 'rolldown';

const ROOT = join(import.meta.dirname, '../..');

/** Returns HTML that runs a script of this folder, with the style of `@eddy/web/components`. */
export async function pageOf(entry: string): Promise<string> {
  const bundle = await rolldown({
    input: join(import.meta.dirname, entry),
    platform: 'browser',
    tsconfig: join(ROOT, 'tsconfig.base.json'),
    resolve: { conditionNames: ['@eddy/source', 'browser', 'import', 'default'] },
  });
  const { output } = await bundle.generate({ format: 'esm' });
  const script = output[0].code.replaceAll('</script', '<\\/script');
  const style = readFileSync(join(ROOT, 'packages/web/src/components.css'), 'utf8');
  return `<!doctype html><html lang="en"><head><title>Components</title>
    <meta name="viewport" content="width=device-width">
    <style>:root { color-scheme: light dark; } body { font: 16px/1.5 system-ui, sans-serif; margin: 1rem;
    background: var(--eddy-paper); color: var(--eddy-ink); }</style><style>${style}</style></head>
    <body><script type="module">${script}</script></body></html>`;
}
