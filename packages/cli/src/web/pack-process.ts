/** Program of a process of its own: packs the newest checkpoint of a run for the page Try, and says how it went. */
import { writeFile } from 'node:fs/promises';

import { EddyError } from '@eddy/core';
import { openStoredModel } from '@eddy/core/weights';
import { encodeModel } from '@eddy/web';

import { BUILTIN } from '../project/builtin.ts';
import { loadSettings } from '../project/load.ts';
import { webModelOf } from './web-model-of.ts';

export type PackReply =
  | { readonly type: 'written' }
  | { readonly type: 'problem'; readonly facts: EddyError['facts'] }
  | { readonly type: 'failed'; readonly message: string };

const [run, output] = process.argv.slice(2) as [string, string];
const reply = await pack();
process.send!(reply, () => process.disconnect());

async function pack(): Promise<PackReply> {
  const warn = () => undefined;
  try {
    const settings = await loadSettings({});
    const stored = await openStoredModel({ from: run, builtin: BUILTIN, settings, warn });
    await writeFile(output, encodeModel(await webModelOf(stored, warn)));
    return { type: 'written' };
  } catch (error) {
    if (error instanceof EddyError) {
      const { cause: _, ...facts } = error.facts;
      return { type: 'problem', facts };
    }
    return { type: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}
