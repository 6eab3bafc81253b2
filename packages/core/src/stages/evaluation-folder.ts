import { join } from 'node:path';

import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { fromJson } from '../run/json.ts';
import type { StageServices } from '../contracts/services.ts';

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
  return join(runFolder, 'evaluations', `step-${String(step).padStart(8, '0')}${suffix}`);
}

/** What a stage found of a split before and put there last; undefined when it did not, or did not end. */
export async function foundBefore<T extends { readonly split: string }>(
  file: string,
  split: string,
): Promise<T | undefined> {
  try {
    const found = fromJson(await readInputText(file, JSON_LIMIT)) as T;
    return found.split === split ? found : undefined;
  } catch {
    return undefined;
  }
}
