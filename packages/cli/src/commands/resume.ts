import { dirname, join } from 'node:path';

import { isSweepFolder, openRunFolder, openSweepFolder } from '@eddy/core/report';
import { refuseHosts } from '@eddy/engines/hosts';

import type { CommonOptions } from '../project/load.ts';
import { allowancesOf, type Allowances } from './allowances.ts';
import { sweepNotChangeable } from './errors.ts';
import { runAndReport } from './run.ts';

interface ResumeOptions extends CommonOptions, Allowances {
  readonly json?: boolean;
  readonly jobs?: number;
  readonly runDir?: string;
}

export async function resumeCommand(
  folder: string,
  overrides: readonly string[],
  { jobs, runDir, ...options }: ResumeOptions,
): Promise<number> {
  if (isSweepFolder(folder)) {
    if (overrides.length > 0) throw sweepNotChangeable(folder);
    await refuseHosts('a sweep');
    const { runAndReport: goOn } = await import('./sweep.ts');
    return goOn(await openSweepFolder(folder), {
      ...options,
      ...(jobs === undefined ? {} : { jobs }),
    });
  }
  const run = await openRunFolder(folder);
  const file = join(run.path, 'config.yml');
  const allowed = allowancesOf(options);
  if (overrides.length === 0 && runDir === undefined) {
    return runAndReport({ file, runFolder: run.path, resume: 'must', ...allowed }, options);
  }
  // The old run stays as it is: what it was trained with is what its config says.
  return runAndReport(
    {
      file,
      overrides,
      continueFrom: run.path,
      runsFolder: dirname(run.path),
      ...(runDir === undefined ? {} : { runFolder: runDir }),
      ...allowed,
    },
    options,
  );
}
