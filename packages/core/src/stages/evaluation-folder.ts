import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { readDocument, sumsBelow, writeDocument } from '../record/document.ts';
import type { StageServices } from '../contracts/services.ts';

/** Name of the file that an evaluation ends with. */
export const METRICS_FILE = 'metrics.json';
const FOLDER = 'evaluations';

/**
 * Where a stage puts what it found of a step: `evaluations/step-00000123`, with its name unless it is
 * `evaluate`.
 *
 * @param of.label  whose weights, when they are not those of the training
 * @param of.split  the split, when it is not the stage's own
 */
export function evaluationFolder(
  { name, runFolder }: Pick<StageServices, 'name' | 'runFolder'>,
  step: number,
  { label, split }: { readonly label?: string | undefined; readonly split?: string } = {},
): string {
  const onSplit = split === undefined ? undefined : `on-${split}`;
  const parts = [label, name === 'evaluate' ? undefined : name, onSplit];
  const suffix = parts.map((part) => (part === undefined ? '' : `-${part}`)).join('');
  return join(runFolder, FOLDER, `step-${String(step).padStart(8, '0')}${suffix}`);
}

/** Ends an evaluation: the file of what it found vouches for the other files of its folder. */
export async function writeResult(file: string, found: object): Promise<void> {
  await writeDocument(file, found, await sumsBelow(dirname(file), basename(file)));
}

/** What a stage found of a split before and put there last; undefined when it did not, or did not end. */
export async function readEarlierResults<T extends { readonly split: string }>(
  file: string,
  split: string,
): Promise<T | undefined> {
  try {
    const found = (await readDocument(file)).body as unknown as T;
    return found.split === split ? found : undefined;
  } catch {
    return undefined;
  }
}

/** The finished evaluations of a run, by step; what cannot be read is passed over. */
export async function evaluationsIn<T extends { readonly step: number; readonly split: string }>(
  run: string,
): Promise<readonly { readonly path: string; readonly metrics: T }[]> {
  const root = join(run, FOLDER);
  const names = await readdir(root).catch(() => [] as string[]);
  const found: { path: string; metrics: T }[] = [];
  for (const name of names.sort()) {
    const path = join(root, name);
    try {
      const { body } = await readDocument(join(path, METRICS_FILE));
      found.push({ path, metrics: body as unknown as T });
    } catch {
      // Another kind of evaluation, or one that was not finished.
    }
  }
  return found.sort((a, b) => a.metrics.step - b.metrics.step);
}
