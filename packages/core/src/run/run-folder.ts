/** The folder of a run: what ran, on what, with which result. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { makeFolderDurably, replaceDurably, syncFolder } from '../files/durable.ts';
import { isInside } from '../config/project-paths.ts';
import { SOURCES_FOLDER, type KeptSources, type SourcesToKeep } from '../plugin/kept-sources.ts';
import type { RunOrigin } from '../schema/base-folder.ts';
import { inFolder, runManifestInvalid, runNotFound } from './errors.ts';

const MANIFEST = 'manifest.json';
const FORMAT = 'eddy-run/1';

export interface RunManifest {
  readonly format: typeof FORMAT;
  readonly id: string;
  readonly name: string;
  /** Wall clock, ISO 8601. */
  readonly startedAt: string;
  readonly host: string;
  /** sha256 of the resolved config. */
  readonly configHash: string;
  /** Node, Eddy and plugin packages: name → version. */
  readonly versions: Readonly<Record<string, string>>;
  /** Known once the engine has started. */
  readonly engine?: { readonly name: string; readonly fingerprint: string };
  /** Datasets as stages handed them on: stage → content key and folder. */
  readonly data?: Readonly<Record<string, { readonly key: string; readonly path: string }>>;
  /** Where the run was started, or last resumed. */
  readonly origin?: RunOrigin;
  /** Files of local plugins, kept in `sources/`. */
  readonly sources?: KeptSources;
  /** The run from whose state this one started, the step of it, and the values that the command gave. */
  readonly continues?: {
    readonly run: string;
    readonly id: string;
    readonly step: number;
    readonly asked?: readonly { readonly path: string; readonly value?: unknown }[];
  };
}

export interface RunFolder {
  /** Absolute. */
  readonly path: string;
  readonly manifest: RunManifest;
  /** The resolved config, itself runnable. */
  readonly configPath: string;
  readonly journalPath: string;
  readonly lockPath: string;
  readonly checkpointsPath: string;
  readonly evaluationsPath: string;
}

export interface NewRun {
  /** Folder of all runs. */
  readonly root: string;
  /** Exact folder of this run, in place of one below `root`. */
  readonly path?: string;
  readonly name: string;
  readonly configText: string;
  readonly configHash: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Where relative paths of the pipeline start; absolute. */
  readonly baseFolder?: string;
  readonly sources?: SourcesToKeep | undefined;
  /** The run whose state this one starts from. */
  readonly continues?: RunManifest['continues'];
  /** The data of that run, which this one must get again. */
  readonly data?: RunManifest['data'];
  /** Puts files into the folder before there is a manifest: a folder without one is no run. */
  readonly prepare?: ((folder: string) => Promise<void>) | undefined;
}

/**
 * Makes `<root>/<name>-<yyyymmdd-hhmmss>/` with config.yml and manifest.json.
 *
 * @throws RUN_FOLDER_UNUSABLE
 */
export function createRunFolder(run: NewRun): Promise<RunFolder> {
  return inFolder(run.path ?? run.root, () => makeRun(run));
}

async function makeRun(run: NewRun): Promise<RunFolder> {
  const startedAt = new Date();
  const path =
    run.path === undefined
      ? await makeFolder(resolve(run.root), `${run.name}-${timestamp(startedAt)}`)
      : resolve(run.path);
  await makeFolderDurably(path);
  const manifest: RunManifest = {
    format: FORMAT,
    id: randomUUID(),
    name: run.name,
    startedAt: startedAt.toISOString(),
    host: hostname(),
    configHash: run.configHash,
    versions: run.versions,
    ...(run.baseFolder === undefined
      ? {}
      : { origin: { folder: path, baseFolder: run.baseFolder } }),
    ...(run.sources === undefined ? {} : { sources: run.sources.record }),
    ...(run.continues === undefined ? {} : { continues: run.continues }),
    ...(run.data === undefined ? {} : { data: run.data }),
  };
  await run.prepare?.(path);
  if (run.sources !== undefined) await writeSources(path, run.sources);
  await replaceDurably(join(path, 'config.yml'), run.configText);
  await replaceDurably(join(path, MANIFEST), formatManifest(manifest));
  await syncFolder(dirname(path));
  return describe(path, manifest);
}

/**
 * Opens an existing run.
 *
 * @throws RUN_NOT_FOUND, RUN_MANIFEST_INVALID
 */
export async function openRunFolder(path: string): Promise<RunFolder> {
  const manifestPath = join(path, MANIFEST);
  let text: string;
  try {
    text = await readInputText(manifestPath, JSON_LIMIT);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw runNotFound(path);
    throw runManifestInvalid(manifestPath, error);
  }
  let manifest: RunManifest;
  try {
    manifest = JSON.parse(text) as RunManifest;
    if (manifest.format !== FORMAT) throw new Error(`format ${String(manifest.format)}`);
  } catch (cause) {
    throw runManifestInvalid(manifestPath, cause);
  }
  return describe(resolve(path), manifest);
}

/** Notes the engine of a run in its manifest. */
export function recordEngine(
  run: RunFolder,
  engine: NonNullable<RunManifest['engine']>,
): Promise<RunFolder> {
  return changeManifest(run, (manifest) => ({ ...manifest, engine }));
}

/** Notes the dataset that a stage handed on. */
export function recordData(
  run: RunFolder,
  stage: string,
  data: NonNullable<RunManifest['data']>[string],
): Promise<RunFolder> {
  return changeManifest(run, (manifest) => ({
    ...manifest,
    data: { ...manifest.data, [stage]: data },
  }));
}

/**
 * Notes where a run goes on, and keeps the files of its local plugins as they are now. A base folder
 * inside the run itself stands for a project that is gone: where that was stays noted.
 */
export async function recordOrigin(
  run: RunFolder,
  baseFolder: string,
  sources: SourcesToKeep | undefined,
): Promise<RunFolder> {
  if (sources !== undefined) await writeSources(run.path, sources);
  return changeManifest(run, ({ sources: _before, origin, ...manifest }) => ({
    ...manifest,
    origin:
      origin !== undefined && isInside(run.path, baseFolder)
        ? origin
        : { folder: run.path, baseFolder },
    ...(sources === undefined ? {} : { sources: sources.record }),
  }));
}

async function writeSources(run: string, { record, texts }: SourcesToKeep): Promise<void> {
  const root = join(run, SOURCES_FOLDER);
  await makeFolderDurably(join(root, record.base));
  for (const [name, text] of texts) {
    await makeFolderDurably(dirname(join(root, name)));
    await replaceDurably(join(root, name), text);
  }
}

/** Changes under way, by run: one after another, so that none is lost. */
const changes = new Map<string, Promise<unknown>>();

async function changeManifest(
  { path }: RunFolder,
  change: (manifest: RunManifest) => RunManifest,
): Promise<RunFolder> {
  const before = changes.get(path) ?? Promise.resolve();
  const work = before.then(async () => {
    const manifest = change((await openRunFolder(path)).manifest);
    await replaceDurably(join(path, MANIFEST), formatManifest(manifest));
    return describe(path, manifest);
  });
  changes.set(
    path,
    work.catch(() => undefined),
  );
  return work;
}

function describe(path: string, manifest: RunManifest): RunFolder {
  return {
    path,
    manifest,
    configPath: join(path, 'config.yml'),
    journalPath: join(path, 'journal.jsonl'),
    lockPath: join(path, 'lock'),
    checkpointsPath: join(path, 'checkpoints'),
    evaluationsPath: join(path, 'evaluations'),
  };
}

/** Two runs that start in the same second get folders of their own. */
export async function makeFolder(root: string, name: string): Promise<string> {
  await makeFolderDurably(root);
  for (let attempt = 1; ; attempt++) {
    const path = join(root, attempt === 1 ? name : `${name}-${attempt}`);
    try {
      await mkdir(path);
      await syncFolder(root);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** yyyymmdd-hhmmss, local time. */
export function timestamp(date: Date): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}${pad(date.getMonth() + 1)}${pad(date.getDate())}`;
  return `${day}-${pad(date.getHours())}${pad(date.getMinutes())}${pad(date.getSeconds())}`;
}

function formatManifest(manifest: RunManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
