import { dirname } from 'node:path';

import { findCheckpoint, readBest } from '@eddy/core/checkpoint';
import { openRunFolder } from '@eddy/core/report';
import { measuringStages, pipelineFileOf, type RunPipelineOptions } from '@eddy/core/run';

import { findPipeline } from '../project/find-pipeline.ts';
import { loadPipeline, type CommonOptions } from '../project/load.ts';
import { quoted } from '../project/quoted.ts';
import { runAndReport } from './run.ts';

interface EvaluateOptions extends CommonOptions {
  readonly pipeline?: string;
  readonly runDir?: string;
  /** Key of a training's stage. */
  readonly stage?: string;
  readonly which?: 'last' | 'best';
  readonly allowOtherModel?: boolean;
  readonly allowOtherData?: boolean;
  readonly json?: boolean;
}

/** A run of its own: the pipeline of the training, of which only what measures runs. */
export async function evaluateCommand(
  from: string,
  overrides: readonly string[],
  {
    pipeline,
    runDir,
    stage: training,
    which,
    allowOtherModel = false,
    allowOtherData = false,
    ...options
  }: EvaluateOptions,
): Promise<number> {
  const { path, manifest } = await findCheckpoint(from, {
    stage: training,
    which,
    // Which one it is matters here, not what is in it.
    wanted: () => false,
    warn: (text) => process.stderr.write(`${text}\n`),
  });
  const file = pipeline === undefined ? await pipelineFileOf(path) : findPipeline(pipeline);
  const resolved = await loadPipeline(file, overrides, options);
  const { name } = resolved;
  const found = measuringStages(resolved, manifest.training?.stage);
  const only = found.length === 0 ? ['evaluate'] : found;
  const best = which === 'best' ? await readBest(dirname(path)) : undefined;
  return runAndReport(
    {
      file,
      only,
      overrides: [
        `name=${quoted(`${name}-evaluation`)}`,
        ...overrides,
        ...only.map((stage) => `++${stage}.checkpoint=${quoted(path)}`),
        ...(best === undefined
          ? []
          : only.map((stage) => `++${stage}.chosenOn=${quoted(best.split)}`)),
        ...(allowOtherModel ? only.map((stage) => `++${stage}.allowOtherModel=true`) : []),
      ],
      ...(runDir === undefined ? {} : { runFolder: runDir }),
      allowOtherData,
      // Other options may mean other data.
      ...(pipeline === undefined && overrides.length === 0 ? await expectedData(file) : {}),
    },
    options,
  );
}

/** The data of the run whose config this is; none where the config lies beside a lone checkpoint. */
async function expectedData(config: string): Promise<Pick<RunPipelineOptions, 'expectedData'>> {
  try {
    const { path, manifest } = await openRunFolder(dirname(config));
    return { expectedData: { run: path, data: manifest.data } };
  } catch {
    return {};
  }
}
