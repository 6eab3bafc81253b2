/**
 * The folder of a sweep: `sweep.json` lists the trials, `trials/<id>/` is an ordinary run folder of
 * each, `journal.jsonl` says how they ended.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { EddyError } from '@eddy/tensor/errors';
import { z } from 'zod';

import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { makeFolderDurably, replaceDurably } from '../files/durable.ts';
import { inFolder } from '../run/errors.ts';
import { makeFolder, timestamp } from '../run/run-folder.ts';
import { sweepManifestInvalid, sweepNotFound } from './errors.ts';
import type { Objective, Trial } from './trial.ts';

const MANIFEST = 'sweep.json';
const FORMAT = 'eddy-sweep/1';

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  name: z.string(),
  /** Wall clock, ISO 8601. */
  startedAt: z.string(),
  /** sha256 over the configs of all trials. */
  trialsHash: z.string(),
  objective: z.strictObject({ metric: z.string().optional(), mode: z.enum(['max', 'min']) }),
  trials: z.array(
    z.strictObject({
      // Names a folder.
      id: z.string().regex(/^\d{3,}$/),
      values: z.record(z.string(), z.string()),
      overrides: z.array(z.string()),
    }),
  ),
});

export interface SweepManifest {
  readonly format: typeof FORMAT;
  readonly name: string;
  readonly startedAt: string;
  readonly trialsHash: string;
  readonly objective: Objective;
  readonly trials: readonly Trial[];
}

export interface SweepFolder {
  /** Absolute. */
  readonly path: string;
  readonly manifest: SweepManifest;
  readonly journalPath: string;
  readonly lockPath: string;
}

export function trialFolder(sweepPath: string, id: string): string {
  return join(sweepPath, 'trials', id);
}

export function isSweepFolder(path: string): boolean {
  return existsSync(join(path, MANIFEST));
}

/**
 * Makes the folder, lets `fill` make the trials in it, and lists them last: a sweep whose making was
 * interrupted is none.
 *
 * @throws RUN_FOLDER_UNUSABLE
 */
export function createSweepFolder(
  where: { readonly root: string; readonly path?: string },
  sweep: Omit<SweepManifest, 'format' | 'startedAt'>,
  fill: (path: string) => Promise<void>,
): Promise<SweepFolder> {
  return inFolder(where.path ?? where.root, () => makeSweep(where, sweep, fill));
}

async function makeSweep(
  where: { readonly root: string; readonly path?: string },
  sweep: Omit<SweepManifest, 'format' | 'startedAt'>,
  fill: (path: string) => Promise<void>,
): Promise<SweepFolder> {
  const startedAt = new Date();
  const path =
    where.path === undefined
      ? await makeFolder(resolve(where.root), `${sweep.name}-${timestamp(startedAt)}`)
      : resolve(where.path);
  await makeFolderDurably(join(path, 'trials'));
  await fill(path);
  const manifest = { format: FORMAT, ...sweep, startedAt: startedAt.toISOString() } as const;
  await replaceDurably(join(path, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  return describe(path, manifest);
}

/** @throws SWEEP_NOT_FOUND, SWEEP_MANIFEST_INVALID */
export async function openSweepFolder(path: string): Promise<SweepFolder> {
  const file = join(path, MANIFEST);
  const text = await readInputText(file, JSON_LIMIT).catch(() => undefined);
  if (text === undefined) throw sweepNotFound(path);
  return describe(resolve(path), parseSweepManifest(text, file));
}

/** @throws SWEEP_MANIFEST_INVALID */
function parseSweepManifest(text: string, file: string): SweepManifest {
  try {
    return manifestSchema.parse(JSON.parse(text)) as SweepManifest;
  } catch (cause) {
    throw sweepManifestInvalid(file, cause);
  }
}

/**
 * Returns the sweeps of a name with just these trials, the newest first; what they are stands in their manifests.
 *
 * @throws SWEEP_MANIFEST_INVALID for a damaged one whose folder is named as one of these
 */
export async function findSweeps(
  root: string,
  name: string,
  trialsHash: string,
): Promise<SweepFolder[]> {
  const names = await readdir(root).catch(() => [] as string[]);
  const folders = names.map((folder) => join(root, folder)).filter(isSweepFolder);
  const sweeps = await Promise.all(folders.map((folder) => sweepIn(folder, name)));
  return sweeps
    .filter((sweep) => sweep !== undefined)
    .filter(({ manifest }) => manifest.name === name && manifest.trialsHash === trialsHash)
    .sort(({ manifest: a }, { manifest: b }) => (a.startedAt < b.startedAt ? 1 : -1));
}

/** @returns undefined for a damaged one, unless its folder is named as one of these. */
async function sweepIn(path: string, name: string): Promise<SweepFolder | undefined> {
  try {
    return await openSweepFolder(path);
  } catch (error) {
    if (error instanceof EddyError && !basename(path).startsWith(`${name}-`)) return undefined;
    throw error;
  }
}

function describe(path: string, manifest: SweepManifest): SweepFolder {
  return {
    path,
    manifest,
    journalPath: join(path, 'journal.jsonl'),
    lockPath: join(path, 'lock'),
  };
}
