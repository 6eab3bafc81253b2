/** Packs a run into one archive: what it needs to work and to be measured again elsewhere. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { crc32 } from 'node:zlib';

import {
  BEST_FILE,
  listCheckpoints,
  listTrainings,
  loadCheckpoint,
  readBest,
} from '@eddy/core/checkpoint';
import {
  JSON_LIMIT,
  readInputText,
  refuseLockedRun,
  sha256OfFile,
  syncFolder,
} from '@eddy/core/files';
import { openRunFolder, type RunFolder, type RunManifest } from '@eddy/core/report';
import { SOURCES_FOLDER, sourcesOf, verifySources } from '@eddy/core/run';
import type { ResolvedPipeline } from '@eddy/core/run';
import { MAX_ZIP_BYTES, MAX_ZIP_ENTRIES, writeZip, zipSizeOf, type ZipEntry } from '@eddy/interop';

import { outputExists } from '../project/errors.ts';
import {
  formatArchiveManifest,
  MANIFEST_FILE,
  RUN_FILES,
  type ArchiveManifest,
} from './archive-manifest.ts';
import { archiveTooLarge } from './errors.ts';
import { storedDataOf, type PackedDataset } from './packed-data.ts';

export interface PackOptions {
  readonly run: string;
  readonly output: string;
  /** If true, the datasets that its evaluations read are packed, too. */
  readonly withData: boolean;
  /** Resolves the config of the run; called only where the run's folder alone does not tell enough. */
  readonly resolve: (file: string) => Promise<ResolvedPipeline>;
  /** Below it lie the results of stages. */
  readonly cacheFolder: string;
  readonly warn: (text: string) => void;
}

export interface PackedArchive {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly manifest: ArchiveManifest;
}

/** A file of the archive: bytes that were made for it, or a file on disk. */
type Content = Uint8Array | { readonly file: string };

/**
 * Writes an archive of a run; packing the same run twice gives the same bytes.
 *
 * @throws RUN_NOT_FOUND, RUN_LOCKED, OUTPUT_EXISTS, CHECKPOINT_NONE_GOOD, RUN_SOURCES_DAMAGED, ARCHIVE_TOO_LARGE,
 *   PACK_DATA_MISSING
 */
export async function packRun(options: PackOptions): Promise<PackedArchive> {
  const run = await openRunFolder(options.run);
  await refuseLockedRun(run.lockPath);
  const output = resolve(options.output);
  if (existsSync(output)) throw outputExists(options.output);
  const contents = new Map<string, Content>();
  for (const name of RUN_FILES) {
    const file = join(run.path, name);
    if (await isOwnFile(file)) contents.set(name, { file });
  }
  await addFolder(contents, run.path, 'evaluations');
  const checkpoints = await addCheckpoints(contents, run, options.warn);
  const sources = await addSources(contents, run, options);
  contents.set('manifest.json', Buffer.from(manifestText(run.manifest, sources)));
  contents.set('config.yml', Buffer.from(await configText(run, sources)));
  const datasets = options.withData ? await storedDataOf(run, options) : [];
  for (const { folder, files } of datasets) {
    for (const { name, file } of files) contents.set(`${folder}/${name}`, { file });
  }
  const entries = await entriesOf(contents);
  const manifest: Omit<ArchiveManifest, 'format'> = {
    run: { name: run.manifest.name, id: run.manifest.id, startedAt: run.manifest.startedAt },
    versions: run.manifest.versions,
    engine: run.manifest.engine ?? null,
    checkpoints,
    data: Object.fromEntries(
      Object.entries(run.manifest.data ?? {}).map(([stage, { key }]) => [stage, key]),
    ),
    storedData: storedDataRecord(datasets),
    files: Object.fromEntries(entries.map(({ name, bytes, sha256 }) => [name, { bytes, sha256 }])),
  };
  const text = Buffer.from(formatArchiveManifest(manifest));
  await write(output, [entryOfBytes(MANIFEST_FILE, text), ...entries]);
  return {
    path: output,
    bytes: (await open(output).then((f) => f.stat().finally(() => f.close()))).size,
    sha256: await sha256OfFile(output),
    manifest: { format: 'eddy-archive/1', ...manifest },
  };
}

/** The newest good checkpoint of each training, the newest one that was evaluated, and the best one. */
async function addCheckpoints(
  contents: Map<string, Content>,
  run: RunFolder,
  warn: (text: string) => void,
): Promise<string[]> {
  const evaluations = await readdir(run.evaluationsPath).catch(() => []);
  const evaluated = new Set(evaluations.map((name) => Number(/^step-(\d+)/.exec(name)?.[1])));
  const chosen: string[] = [];
  for (const training of await listTrainings(run.checkpointsPath, warn)) {
    const known = await listCheckpoints(training.path);
    const best = await readBest(training.path, warn);
    // Compared with their manifests, as the newest good one was already.
    const good = await goodOnes(
      known.filter(
        ({ step }) => step === training.step || step === best?.step || evaluated.has(step),
      ),
    );
    const newest = good.findLast(({ step }) => step === training.step);
    const measured = good.findLast(({ step }) => evaluated.has(step));
    const chosenOne = good.find(({ step }) => step === best?.step);
    const record = join(training.path, BEST_FILE);
    if (chosenOne !== undefined && (await isOwnFile(record))) {
      contents.set(below(run.path, record), { file: record });
    }
    const paths = [newest, measured, chosenOne].flatMap((found) =>
      found === undefined ? [] : [found.path],
    );
    chosen.push(...new Set(paths.map((path) => below(run.path, path))));
  }
  for (const folder of chosen) await addFolder(contents, run.path, folder);
  return chosen;
}

async function goodOnes<T extends { readonly path: string }>(known: readonly T[]): Promise<T[]> {
  const good: T[] = [];
  for (const checkpoint of known) {
    const isGood = await loadCheckpoint(checkpoint.path, { wanted: () => false }).then(
      () => true,
      () => false,
    );
    if (isGood) good.push(checkpoint);
  }
  return good;
}

/** Copies of local plugins that the run keeps; of a run of an earlier version, as they are now. */
async function addSources(
  contents: Map<string, Content>,
  run: RunFolder,
  { resolve: resolveConfig, warn }: PackOptions,
): Promise<RunManifest['sources']> {
  const { sources } = run.manifest;
  if (sources !== undefined) {
    await verifySources(run.path, sources);
    for (const name of Object.keys(sources.files)) {
      contents.set(`${SOURCES_FOLDER}/${name}`, { file: join(run.path, SOURCES_FOLDER, name) });
    }
    return sources;
  }
  const config = await readInputText(run.configPath, JSON_LIMIT);
  if (run.manifest.origin !== undefined || /^plugins: \[\]$/m.test(config)) return undefined;
  const kept = sourcesOf(await resolveConfig(run.configPath));
  if (kept === undefined) return undefined;
  warn('the run has no copies of its plugins; their current files are packed');
  for (const [name, text] of kept.texts) {
    contents.set(`${SOURCES_FOLDER}/${name}`, Buffer.from(text));
  }
  return kept.record;
}

/** Without places of this machine. */
function manifestText(
  { origin: _origin, sources: _sources, data, ...manifest }: RunManifest,
  sources: RunManifest['sources'],
): string {
  const stored = Object.entries(data ?? {}).map(([stage, { key }]) => [
    stage,
    { key, path: `artifacts/${stage}/${key}` },
  ]);
  const packed = {
    ...manifest,
    ...(data === undefined ? {} : { data: Object.fromEntries(stored) as object }),
    ...(sources === undefined ? {} : { sources }),
  };
  return `${JSON.stringify(packed, null, 2)}\n`;
}

/** The config with a base folder inside the archive: a replay looks at no other. */
async function configText(run: RunFolder, sources: RunManifest['sources']): Promise<string> {
  const text = await readInputText(run.configPath, JSON_LIMIT);
  const base =
    sources === undefined ? '.' : [SOURCES_FOLDER, sources.base].filter(Boolean).join('/');
  const line = `baseFolder: ${JSON.stringify(base)}`;
  return /^baseFolder:.*$/m.test(text)
    ? text.replace(/^baseFolder:.*$/m, line)
    : `${text.trimEnd()}\n${line}\n`;
}

function storedDataRecord(datasets: readonly PackedDataset[]): ArchiveManifest['storedData'] {
  const whole = datasets.flatMap(({ stage, folder, key, isDataset }) =>
    isDataset ? [[stage, { folder, key }] as const] : [],
  );
  return Object.fromEntries(whole);
}

async function addFolder(
  contents: Map<string, Content>,
  root: string,
  folder: string,
): Promise<void> {
  const entries = await readdir(join(root, folder), { withFileTypes: true, recursive: true }).catch(
    () => [],
  );
  for (const entry of entries) {
    // Links may lead anywhere, and what a killed process was writing is not whole.
    if (!entry.isFile() || entry.name.endsWith('.tmp')) continue;
    const file = join(entry.parentPath, entry.name);
    contents.set(below(root, file), { file });
  }
}

/** False for a link, which may lead to any file of this machine. */
function isOwnFile(path: string): Promise<boolean> {
  return lstat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}

type HashedEntry = ZipEntry & { readonly sha256: string };

async function entriesOf(contents: ReadonlyMap<string, Content>): Promise<HashedEntry[]> {
  const entries: HashedEntry[] = [];
  for (const [name, content] of [...contents].sort(([a], [b]) => (a < b ? -1 : 1))) {
    entries.push(
      content instanceof Uint8Array
        ? entryOfBytes(name, content)
        : await entryOfFile(name, content.file),
    );
  }
  return entries;
}

function entryOfBytes(name: string, bytes: Uint8Array): HashedEntry {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name, bytes: bytes.length, crc32: crc32(bytes), sha256, content: () => [bytes] };
}

async function entryOfFile(name: string, file: string): Promise<HashedEntry> {
  const content = (): AsyncIterable<Buffer> => createReadStream(file, { highWaterMark: 1 << 20 });
  const hash = createHash('sha256');
  let [bytes, sum] = [0, 0];
  for await (const piece of content()) {
    hash.update(piece);
    sum = crc32(piece, sum);
    bytes += piece.length;
  }
  return { name, bytes, crc32: sum, sha256: hash.digest('hex'), content };
}

/** Under another name first: a file that has its name is whole. */
async function write(output: string, entries: readonly ZipEntry[]): Promise<void> {
  const size = zipSizeOf(entries);
  if (size > MAX_ZIP_BYTES) throw archiveTooLarge(output, size, MAX_ZIP_BYTES);
  if (entries.length > MAX_ZIP_ENTRIES) throw archiveTooLarge(output, size, MAX_ZIP_BYTES);
  const making = join(dirname(output), `.packing-${randomUUID()}`);
  const file = await open(making, 'wx');
  try {
    try {
      await writeZip(file, entries);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(making, output);
    await syncFolder(dirname(output));
  } catch (error) {
    await rm(making, { force: true });
    throw error;
  }
}

function below(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}
