/** `pipeline export --format web`: one file in which a model solves puzzles in any browser. */
import { writeFile } from 'node:fs/promises';

import { formatBytes } from '@eddy/core/report';
import type { StoredModel } from '@eddy/core/weights';
import { solverPage } from '@eddy/web';

import { webModelOf } from '../web/web-model-of.ts';

export async function writeWebPage(stored: StoredModel, output: string): Promise<void> {
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const { html, weightBytes } = await solverPage(await webModelOf(stored, say));
  await writeFile(output, html, { flag: 'wx' });
  const size = Buffer.byteLength(html);
  say(`${formatBytes(size)}, ${formatBytes(weightBytes)} of them weights; opens in any browser`);
}
