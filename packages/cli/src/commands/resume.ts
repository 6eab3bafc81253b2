import { join } from 'node:path';

import { openRunFolder } from '@eddy/core';

import type { CommonOptions } from '../load.ts';
import { runAndReport } from './run.ts';

export async function resumeCommand(
  folder: string,
  options: CommonOptions & { readonly json?: boolean },
): Promise<number> {
  const run = await openRunFolder(folder);
  return runAndReport(
    { file: join(run.path, 'config.yml'), runFolder: run.path, resume: 'must' },
    options,
  );
}
