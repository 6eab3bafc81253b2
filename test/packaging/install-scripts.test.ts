/** `npm ci --ignore-scripts` is enough: dependencies with an install script are known, and work without it. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

it('counts the dependencies with an install script: each brings its binaries with it', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean; dev?: boolean }>;
  };
  const withScript = Object.keys(packages).filter(
    (path) => packages[path]!.hasInstallScript === true,
  );
  // Those that users install, then those of the documentation site.
  expect(withScript.filter((path) => packages[path]!.dev !== true)).toEqual(['node_modules/koffi']);
  expect(withScript.filter((path) => packages[path]!.dev === true)).toEqual([
    'node_modules/vitepress/node_modules/esbuild',
  ]);
  expect(Object.keys(packages).length).toBeGreaterThan(100);
});
