import { join } from 'node:path';

import type { StageServices } from '../run/services.ts';

/** Where a stage puts what it found of a step: `evaluations/step-00000123`, with its name unless it is `evaluate`. */
export function evaluationFolder(
  { name, runFolder }: Pick<StageServices, 'name' | 'runFolder'>,
  step: number,
): string {
  const suffix = name === 'evaluate' ? '' : `-${name}`;
  return join(runFolder, 'evaluations', `step-${String(step).padStart(8, '0')}${suffix}`);
}
