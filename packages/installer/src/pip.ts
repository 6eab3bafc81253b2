import { lastLines, runChild } from './child.ts';
import { engineDownloadFailed, pipMissing } from './errors.ts';
import type { PinnedPackage } from './engine-source.ts';

const LAUNCHERS = [['python3', '-m', 'pip'], ['pip3'], ['pip']] as const;

/**
 * `pip download` of one pinned package, without its dependencies, into a folder. What is installed is
 * a cache of its own, so that pip need not keep the download as well.
 *
 * @throws PIP_MISSING, ENGINE_DOWNLOAD_FAILED with pip's last lines.
 */
export async function pipDownload(
  engine: string,
  { name, version, wheel }: PinnedPackage,
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  const options = ['--no-deps', '--only-binary=:all:', '--no-cache-dir', '--progress-bar=off'];
  // Else pip takes the wheel for the Python that it runs on, which has another checksum.
  const tags =
    wheel === undefined
      ? []
      : [
          ['--implementation', 'cp'],
          ['--python-version', wheel.python],
          ['--abi', wheel.abi],
          ['--platform', wheel.platform],
        ].flat();
  for (const [program, ...rest] of LAUNCHERS) {
    const what = [...tags, '--dest', folder, `${name}==${version}`];
    const args = [...rest, 'download', ...options, ...what];
    const result = await runChild(program, args, signal);
    if (result === null) continue;
    // A python3 without pip is no answer either.
    if (/No module named '?pip/.test(result.output)) continue;
    if (result.code === 0) return;
    const command = [program, ...args].join(' ');
    throw engineDownloadFailed({ engine, command, output: lastLines(result.output) });
  }
  throw pipMissing(engine);
}

/** Whether anything that `pipDownload` would try exists. */
export async function hasPip(): Promise<boolean> {
  for (const [program, ...rest] of LAUNCHERS) {
    const result = await runChild(program, [...rest, '--version']);
    if (result?.code === 0) return true;
  }
  return false;
}
