import { basename, resolve } from 'node:path';

import { formatBytes } from '@eddy/core/report';

import { packRun, type PackedArchive } from '../archive/pack-run.ts';
import { loadPipeline, loadSettings, type CommonOptions } from '../project/load.ts';

export interface PackCommandOptions extends CommonOptions {
  readonly output?: string;
  readonly data?: boolean;
  readonly json?: boolean;
}

export async function packCommand(run: string, options: PackCommandOptions): Promise<void> {
  const { cacheFolder } = await loadSettings(options);
  const packed = await packRun({
    run,
    output: options.output ?? `${basename(resolve(run))}.zip`,
    withData: options.data === true,
    resolve: (file) => loadPipeline(file, [], options),
    cacheFolder,
    warn: (text) => process.stderr.write(`${text}\n`),
  });
  process.stdout.write(options.json === true ? `${JSON.stringify(packed)}\n` : packedText(packed));
}

function packedText({ path, bytes, sha256, manifest }: PackedArchive): string {
  const code = Object.keys(manifest.files).filter((name) => name.startsWith('sources/'));
  const data = Object.values(manifest.storedData).map(({ folder }) => folder);
  const rows: readonly (readonly [string, string])[] = [
    ['archive', path],
    ['size', `${formatBytes(bytes)}, ${Object.keys(manifest.files).length} files`],
    ['sha256', sha256],
    ['checkpoints', manifest.checkpoints.join(', ') || 'none'],
    ['plugins', code.join(', ') || 'none of its own'],
    [
      'data',
      data.join(', ') ||
        'rebuilt from their sources when the archive is replayed; --data packs them',
    ],
  ];
  return rows.map(([name, text]) => `${name.padEnd(11)}  ${text}\n`).join('');
}
