import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { buildDataset } from '@eddy/core/run';
import { openDataset } from '@eddy/core/data';
import type { DatasetArtifact, StopSignal } from '@eddy/core';
import { writeReferenceFolder } from '@eddy/datasets';

import { BUILTIN } from '../project/builtin.ts';
import { EXIT } from '../process/exit-codes.ts';
import { findPipeline } from '../project/find-pipeline.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';
import { sayMessagesAndStages } from '../process/say-events.ts';
import { withStopSignal } from '../process/stop-signal.ts';

export async function exportDatasetCommand(
  source: string,
  overrides: readonly string[],
  options: CommonOptions & { readonly output: string },
): Promise<number> {
  const target = resolve(options.output);
  await withStopSignal(async (stop) => {
    const dataset = await open(source, overrides, options, stop);
    const written = await writeReferenceFolder(dataset, target, stop.signal);
    for (const [split, examples] of Object.entries(written)) {
      process.stderr.write(`${split}: ${examples} examples\n`);
    }
  });
  process.stdout.write(`${target}\n`);
  return EXIT.done;
}

/** The folder of a built dataset, or the data that a pipeline builds. */
async function open(
  source: string,
  overrides: readonly string[],
  options: CommonOptions,
  stop: StopSignal,
): Promise<DatasetArtifact> {
  if (existsSync(join(source, 'dataset.json'))) return openDataset(source);
  return buildDataset({
    file: findPipeline(source),
    overrides,
    builtin: BUILTIN,
    settings: await loadSettings(options),
    stop,
    onEvents: sayMessagesAndStages,
  });
}
