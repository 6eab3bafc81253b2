import { lastLines, runChild } from './child.ts';
import { engineDownloadFailed, npmMissing } from './errors.ts';
import type { PinnedPackage } from './engine-source.ts';

/**
 * `npm pack` of one pinned package into a folder: with the user's registry and proxies, without its
 * dependencies and install scripts.
 *
 * @throws NPM_MISSING, ENGINE_DOWNLOAD_FAILED with npm's last lines.
 */
export async function npmDownload(
  engine: string,
  { name, version }: PinnedPackage,
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  const args = ['pack', `${name}@${version}`, '--ignore-scripts', '--pack-destination', folder];
  const result = await runChild('npm', args, signal);
  if (result === null) throw npmMissing(engine);
  if (result.code === 0) return;
  const command = ['npm', ...args].join(' ');
  throw engineDownloadFailed({ engine, command, output: lastLines(result.output) });
}
