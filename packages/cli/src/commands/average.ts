import { existsSync } from 'node:fs';

import { averageCheckpoints } from '@eddy/core/weights';

import { BUILTIN } from '../project/builtin.ts';
import { outputExists } from '../project/errors.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';
import { renderTable } from '../render/table.ts';

export interface AverageCommandOptions extends CommonOptions {
  readonly output: string;
  readonly weights?: readonly number[];
  readonly of: 'average' | 'parameters';
  readonly stage?: string;
  readonly which?: 'last' | 'best';
  readonly allowOtherModel?: boolean;
  readonly json?: boolean;
}

export async function averageCommand(
  from: readonly string[],
  options: AverageCommandOptions,
): Promise<void> {
  const { output, weights, of } = options;
  if (existsSync(output)) throw outputExists(output);
  const averaged = await averageCheckpoints({
    from,
    ...(weights === undefined ? {} : { alphas: weights }),
    of,
    output,
    stage: options.stage,
    which: options.which,
    allowOtherModel: options.allowOtherModel,
    builtin: BUILTIN,
    settings: await loadSettings(options),
    warn: (text) => process.stderr.write(`${text}\n`),
  });
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(averaged)}\n`);
    return;
  }
  const rows = averaged.sources.map(({ path, alpha, averaged: isAverage }) => [
    alpha.toPrecision(4),
    isAverage ? 'average' : 'parameters',
    path,
  ]);
  process.stdout.write(renderTable(['WEIGHT', 'OF', 'CHECKPOINT'], rows));
  process.stdout.write(`${averaged.path}\n`);
}
