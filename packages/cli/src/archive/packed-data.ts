/** The datasets of a run that its evaluations read, as they lie in the cache. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { EddyError, shellWord } from '@eddy/tensor/errors';
import type { RunFolder } from '@eddy/core/report';
import type { ResolvedPipeline } from '@eddy/core/run';

/** A result of a stage to put into an archive. */
export interface PackedDataset {
  readonly stage: string;
  readonly key: string;
  /** In the archive. */
  readonly folder: string;
  /** False for what a stage keeps besides a dataset, such as the plan of its versions. */
  readonly isDataset: boolean;
  readonly files: readonly { readonly name: string; readonly file: string }[];
}

/**
 * Finds the results of stages that the run records as its data: of each the splits that are evaluated,
 * and what else is in its folder.
 *
 * @throws PACK_DATA_MISSING
 */
export async function storedDataOf(
  run: RunFolder,
  {
    cacheFolder,
    resolve,
  }: {
    readonly cacheFolder: string;
    readonly resolve: (file: string) => Promise<ResolvedPipeline>;
  },
): Promise<PackedDataset[]> {
  const pipeline = await resolve(run.configPath);
  const splits = new Set(
    pipeline.stages.flatMap(({ reference }) =>
      typeof reference['split'] === 'string' && reference.use !== 'train'
        ? [reference['split']]
        : [],
    ),
  );
  const found = new Map<string, PackedDataset>();
  for (const [stage, { key, path }] of Object.entries(run.manifest.data ?? {})) {
    const cached = join(cacheFolder, 'artifacts', stage, key);
    const folder = [path, cached].find((candidate) => existsSync(candidate));
    if (folder === undefined) throw packDataMissing(run.path, stage, path);
    // A stage that changes data while they are drawn hands on the folder of the stage before it.
    const [owner, name] = [basename(dirname(folder)), basename(folder)];
    if (found.has(`${owner}/${name}`)) continue;
    const names = (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);
    const packed = names.filter(
      (file) => !file.endsWith('.arrow') || splits.has(file.slice(0, -'.arrow'.length)),
    );
    found.set(`${owner}/${name}`, {
      stage: owner,
      key: name,
      folder: `data/${owner}/${name}`,
      isDataset: names.includes('dataset.json') && owner === stage,
      files: packed.map((file) => ({ name: file, file: join(folder, file) })),
    });
  }
  return [...found.values()];
}

function packDataMissing(run: string, stage: string, path: string): EddyError {
  return new EddyError({
    code: 'PACK_DATA_MISSING',
    message: `the data of stage ${stage} are no longer in the cache`,
    at: run,
    expected: path,
    received: 'no folder',
    fix: `rebuild them, \`pipeline evaluate ${shellWord(run)}\`, then pack again; or pack without --data`,
  });
}
