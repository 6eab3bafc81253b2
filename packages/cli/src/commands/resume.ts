import { join } from 'node:path';

import { isSweepFolder, openRunFolder, openSweepFolder } from '@eddy/core/run';
import { refuseHosts } from '@eddy/engines/hosts';

import type { CommonOptions } from '../project/load.ts';
import { runAndReport } from './run.ts';

interface ResumeOptions extends CommonOptions {
  readonly json?: boolean;
  readonly jobs?: number;
  readonly allowOtherModel?: boolean;
  readonly allowOtherData?: boolean;
}

export async function resumeCommand(
  folder: string,
  { jobs, allowOtherModel = false, allowOtherData = false, ...options }: ResumeOptions,
): Promise<number> {
  if (isSweepFolder(folder)) {
    await refuseHosts('a sweep');
    const { runAndReport: goOn } = await import('./sweep.ts');
    return goOn(await openSweepFolder(folder), {
      ...options,
      ...(jobs === undefined ? {} : { jobs }),
    });
  }
  const run = await openRunFolder(folder);
  return runAndReport(
    {
      file: join(run.path, 'config.yml'),
      runFolder: run.path,
      resume: 'must',
      allowOtherModel,
      allowOtherData,
    },
    options,
  );
}
