import { findCheckpoint, pipelineFileOf } from '@eddy/core';

import { findPipeline } from '../project/find-pipeline.ts';
import { loadPipeline, type CommonOptions } from '../project/load.ts';
import { runAndReport } from './run.ts';

/** Stages that measure a checkpoint, and take its path as `checkpoint`. */
const MEASURES = ['evaluate', 'test-time-compute'];

interface EvaluateOptions extends CommonOptions {
  readonly pipeline?: string;
  readonly runDir?: string;
  readonly json?: boolean;
}

/** A run of its own: the pipeline of the training, of which only what measures runs. */
export async function evaluateCommand(
  from: string,
  overrides: readonly string[],
  { pipeline, runDir, ...options }: EvaluateOptions,
): Promise<number> {
  const { path } = await findCheckpoint(from, {
    // Which one it is matters here, not what is in it.
    wanted: () => false,
    warn: (text) => process.stderr.write(`${text}\n`),
  });
  const file = pipeline === undefined ? await pipelineFileOf(path) : findPipeline(pipeline);
  const { name, stages } = await loadPipeline(file, overrides, options);
  const found = stages.filter(({ reference }) => MEASURES.includes(reference.use));
  const only = found.length === 0 ? ['evaluate'] : found.map((stage) => stage.name);
  return runAndReport(
    {
      file,
      only,
      overrides: [
        `name=${quoted(`${name}-evaluation`)}`,
        ...overrides,
        ...only.map((stage) => `++${stage}.checkpoint=${quoted(path)}`),
      ],
      ...(runDir === undefined ? {} : { runFolder: runDir }),
    },
    options,
  );
}

/** As Hydra's grammar quotes: a backslash escapes only before a quote, or before those that do. */
function quoted(text: string): string {
  const escaped = text.replace(/(\\*)('|$)/g, (_, slashes: string, quote: string) => {
    return slashes + slashes + (quote === '' ? '' : "\\'");
  });
  return `'${escaped}'`;
}
