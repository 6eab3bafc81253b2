import { statSync } from 'node:fs';
import { basename } from 'node:path';

import { toJson } from '@eddy/core/report';

import { codeIn } from '../archive/archive-code.ts';
import type { ArchiveManifest } from '../archive/archive-manifest.ts';
import { archiveCodeUntrusted, replayDiffers, replayNothingRecorded } from '../archive/errors.ts';
import { replayRun, type Replay } from '../archive/replay.ts';
import { unpackArchive, verifyUnpacked } from '../archive/unpack.ts';
import { BUILTIN } from '../project/builtin.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';
import { EXIT } from '../process/exit-codes.ts';
import { withStopSignal } from '../process/stop-signal.ts';
import { renderTable } from '../render/table.ts';

export interface ReplayCommandOptions extends CommonOptions {
  readonly output?: string;
  readonly trustPlugins?: boolean;
  readonly onlyUnpack?: boolean;
  readonly engine?: string;
  readonly tolerance: number;
  readonly json?: boolean;
}

/** Unpacks, verifies, evaluates and compares. @throws ARCHIVE_REFUSED, ARCHIVE_CODE_UNTRUSTED, REPLAY_DIFFERS … */
export async function replayCommand(
  archive: string,
  options: ReplayCommandOptions,
): Promise<number> {
  const { folder, manifest } = await unpacked(archive, options.output);
  const code = await codeIn(folder, manifest);
  const files = Object.keys(manifest.files).length;
  say(`${files} files are as they were packed: ${folder}`);
  if (code.length > 0) say(`code of the archive: ${code.join(', ')}`);
  if (options.onlyUnpack === true) return EXIT.done;
  if (code.length > 0 && options.trustPlugins !== true) throw archiveCodeUntrusted(folder, code);
  sayVersions(manifest);
  const settings = await loadSettings(options);
  const { engine, tolerance } = options;
  const replay = await withStopSignal((stop) =>
    replayRun(folder, manifest, { builtin: BUILTIN, settings, stop, engine, tolerance }),
  );
  for (const text of replay.warnings) say(text);
  if (replay.metrics.length === 0) throw replayNothingRecorded(archive, folder);
  process.stdout.write(
    options.json === true ? `${toJson({ folder, ...replay })}\n` : replayText(replay, manifest),
  );
  const other = replay.metrics.filter(({ isEqual }) => !isEqual);
  if (other.length > 0)
    throw replayDiffers(
      archive,
      folder,
      other.map(({ metric }) => metric),
    );
  return EXIT.done;
}

/** An archive is unpacked; a folder was unpacked before. */
async function unpacked(
  archive: string,
  output: string | undefined,
): Promise<{ readonly folder: string; readonly manifest: ArchiveManifest }> {
  if (statSync(archive, { throwIfNoEntry: false })?.isDirectory() === true) {
    return { folder: archive, manifest: await verifyUnpacked(archive) };
  }
  const folder = output ?? basename(archive).replace(/(\.zip)?$/, '-replayed');
  return { folder, manifest: await unpackArchive(archive, folder) };
}

function sayVersions({ versions }: ArchiveManifest): void {
  const own = process.versions.node;
  if (versions['node'] !== own)
    say(`Node ${versions['node']} made the run, Node ${own} replays it`);
}

function replayText({ metrics, engine }: Replay, manifest: ArchiveManifest): string {
  const recordedOn = manifest.engine;
  const rows = metrics.map(({ stage, split, step, metric, recorded, replayed, isEqual }) => [
    stage,
    split,
    String(step),
    metric,
    String(recorded ?? 'none'),
    String(replayed ?? 'none'),
    isEqual ? 'yes' : 'NO',
  ]);
  const same = metrics.filter(({ isEqual }) => isEqual).length;
  return [
    renderTable(['STAGE', 'SPLIT', 'STEP', 'METRIC', 'RECORDED', 'REPLAYED', 'EQUAL'], rows),
    `\nrecorded on  ${recordedOn === null ? 'unknown' : `${recordedOn.name}, ${recordedOn.fingerprint}`}\n`,
    `replayed on  ${engine}\n`,
    `${same} of ${metrics.length} metrics are the same\n`,
  ].join('');
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
