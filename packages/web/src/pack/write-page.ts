/** The page `solve.html`: one file with the model, the scripts that run it, and their style. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { WebModel } from '../model/web-model.ts';

/** Where the build put the scripts. */
const BUNDLE = new URL('../../dist/bundle/', import.meta.url);

export interface SolverPage {
  readonly html: string;
  /** Bytes of the file that are weights. */
  readonly weightBytes: number;
}

/** Returns the page of a model. It opens from `file://` and asks the network for nothing. */
export async function solverPage({ header, bytes }: WebModel): Promise<SolverPage> {
  const [style, page, worker, wasm] = await Promise.all([
    readFile(new URL('solve.css', BUNDLE), 'utf8'),
    readFile(new URL('solve.js', BUNDLE), 'utf8'),
    readFile(new URL('worker.js', BUNDLE), 'utf8'),
    readFile(new URL('tfjs.wasm', BUNDLE)),
  ]);
  const script = inlineScript(page);
  const weights = Buffer.from(bytes).toString('base64');
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy(script, style)}">
<title>${escaped(`${header.about.name}: solve puzzles`)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="app"><noscript>This page runs its model with JavaScript, which is switched off.</noscript></div>
<script type="application/json" id="eddy-header">${inlineJson(header)}</script>
<script type="application/json" id="eddy-worker">${inlineJson(worker)}</script>
<script type="text/plain" id="eddy-wasm">${wasm.toString('base64')}</script>
<script type="text/plain" id="eddy-weights">${weights}</script>
<script>${script}</script>
</body>
</html>
`;
  return { html, weightBytes: weights.length };
}

/** Nothing may be fetched, and no other script runs: the worker is a `blob:` of this file. */
function policy(script: string, style: string): string {
  return [
    `default-src 'none'`,
    `script-src '${digest(script)}' 'wasm-unsafe-eval'`,
    `style-src '${digest(style)}'`,
    `worker-src blob:`,
    `img-src data:`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** JSON that cannot end the element around it. */
function inlineJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** Both sequences stand in strings and regular expressions only, where the backslash changes nothing. */
function inlineScript(text: string): string {
  return text.replace(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');
}

function escaped(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}
