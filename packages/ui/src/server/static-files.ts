/** The page itself: the only files that need no token. They are read once, by fixed names. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Hono } from 'hono';

import { pageNotBuilt } from './errors.ts';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Eddy</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/page.css" />
    <script type="module" src="/page.js"></script>
  </head>
  <body>
    <div id="app"><noscript>This page shows runs with JavaScript.</noscript></div>
  </body>
</html>
`;

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  wasm: 'application/wasm',
};

/** @throws UI_PAGE_NOT_BUILT */
export function addStaticFiles(app: Hono, folder: string): void {
  const files = readBundle(folder);
  const html = { 'content-type': 'text/html; charset=utf-8' };
  app.get('/', (c) => c.body(PAGE, 200, html));
  app.get('/page.html', (c) => c.body(PAGE, 200, html));
  for (const [name, bytes] of files) {
    const type = TYPES[name.split('.').at(-1)!]!;
    app.get(`/${name}`, (c) => c.body(bytes, 200, { 'content-type': type }));
  }
}

function readBundle(folder: string): Map<string, Uint8Array<ArrayBuffer>> {
  try {
    const names = readdirSync(folder).filter((name) => /^page[\w-]*\.(js|css|wasm)$/.test(name));
    if (!names.includes('page.js')) throw new Error('page.js is absent');
    return new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
  } catch (cause) {
    throw pageNotBuilt(folder, cause);
  }
}
