/**
 * Checkpoints that are whole or not there: files in a temporary folder, each fsynced, then the
 * manifest with their sha256, then one rename. Readers verify before use.
 */
import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { EddyError } from '@eddy/tensor/errors';
import { bytesOf, type HostTree } from '@eddy/tensor/spec';
import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { makeFolderDurably, syncFolder, writeDurably } from '../files/durable.ts';
import { checkpointDamaged, checkpointNoneGood, checkpointWriteFailed } from './errors.ts';
import {
  formatManifest,
  MANIFEST_FILE,
  readVerifiedManifest,
  type CheckpointManifest,
  type JsonValue,
  type TrainingPlace,
} from './manifest.ts';
import type { ModelIdentity } from './model-identity.ts';
import { readHostTree, writeSafetensors, type WrittenFile } from './safetensors.ts';
import { stateHash } from './state-hash.ts';

const STATE_FILE = 'state.safetensors';
const TEMPORARY = '.tmp-';
/** Behind `.tmp-`: a checkpoint that is being removed. */
const PRUNED = 'pruned';
/** `replaced-` marks the earlier checkpoint of a step while a new one takes its place. */
const REPLACED = 'replaced-';
const FOLDER_NAME = /^(?:replaced-)?step-(\d{8,})$/;

export interface CheckpointContents {
  readonly step: number;
  readonly epoch: number;
  readonly state: HostTree;
  /** The model that the weights belong to; undefined where it is not known. */
  readonly model?: ModelIdentity | undefined;
  /** The training that made them; none by default. */
  readonly training?: TrainingPlace | undefined;
  readonly metadata: Readonly<Record<string, JsonValue>>;
  /** Small files that belong to the state, by name; in the manifest with their sums. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

export interface RetentionPolicy {
  /** Newest checkpoints to keep, at least 1. */
  readonly keepLast: number;
  /** True for a checkpoint that stays beyond those, by its step and its manifest's metadata. */
  readonly keeps?: (step: number, metadata: CheckpointManifest['metadata']) => boolean;
}

export interface SavedCheckpoint {
  readonly path: string;
  readonly bytes: number;
  readonly stateHash: string;
}

export interface Checkpoint {
  readonly path: string;
  readonly manifest: CheckpointManifest;
  readonly state: HostTree;
}

export interface ReadOptions {
  /** Which tensors to read; all by default. All are verified. */
  readonly wanted?: (name: string) => boolean;
}

/**
 * Commits a checkpoint as `<folder>/step-00000100/` and prunes older ones. One writer at a time, the
 * holder of the run's lock.
 *
 * @throws CHECKPOINT_WRITE_FAILED (disk full, no permission …); earlier checkpoints stay as they are
 */
export async function saveCheckpoint(
  folder: string,
  contents: CheckpointContents,
  retention: RetentionPolicy = { keepLast: 3 },
): Promise<SavedCheckpoint> {
  const saved = await writeCheckpoint(checkpointPath(folder, contents.step), contents);
  try {
    await prune(folder, contents.step, retention);
  } catch (error) {
    // The new checkpoint stands; the next save prunes again.
    if (!isFileError(error)) throw error;
  }
  return saved;
}

/**
 * Commits one checkpoint as the folder `path`; what lay there is replaced.
 *
 * @throws CHECKPOINT_WRITE_FAILED
 */
export async function writeCheckpoint(
  path: string,
  contents: CheckpointContents,
): Promise<SavedCheckpoint> {
  const folder = dirname(path);
  const temporary = join(folder, `${TEMPORARY}${basename(path)}`);
  try {
    await makeFolderDurably(folder);
    await removeLeftovers(folder, basename(path));
    await mkdir(temporary);
    const written = await writeFiles(temporary, contents);
    await commit(temporary, path);
    return { path, ...written };
  } catch (cause) {
    if (!isFileError(cause)) throw cause;
    const freeBytes = await freeBytesAt(folder);
    // What cannot be cleaned up now, the next save removes.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw checkpointWriteFailed({ path, neededBytes: bytesOf(contents.state), freeBytes, cause });
  }
}

/**
 * Reads a checkpoint after verifying the sha256 of every file, and the step that its folder is named after.
 *
 * @throws CHECKPOINT_DAMAGED naming the file that differs
 */
export async function loadCheckpoint(path: string, options: ReadOptions = {}): Promise<Checkpoint> {
  const manifest = await readVerifiedManifest(path);
  const named = FOLDER_NAME.exec(basename(path))?.[1];
  // A copy under another step's name would be taken for the newest one, or for one that was evaluated.
  if (named !== undefined && Number(named) !== manifest.step) {
    const expected = `step ${Number(named)}, as its folder is named`;
    const file = join(path, MANIFEST_FILE);
    throw checkpointDamaged({ file, expected, received: `step ${manifest.step}` });
  }
  return { path, manifest, state: await readHostTree(join(path, STATE_FILE), options.wanted) };
}

/**
 * The newest checkpoint that is whole; null when there is none at all.
 *
 * @param warn  told about each damaged one that was passed over
 * @throws CHECKPOINT_NONE_GOOD when there are checkpoints, all damaged
 */
export async function latestCheckpoint(
  folder: string,
  warn: (text: string) => void,
  options: ReadOptions = {},
): Promise<Checkpoint | null> {
  const steps = await listCheckpoints(folder);
  const damaged: string[] = [];
  let cause: unknown;
  for (const { step, path } of steps.toReversed()) {
    try {
      const checkpoint = await loadCheckpoint(path, options);
      if (damaged.length > 0) warn(`falling back to the checkpoint of step ${step}: ${path}`);
      return checkpoint;
    } catch (error) {
      if (!(error instanceof EddyError)) throw error;
      cause = error;
      damaged.push(path);
      const { at, expected, received } = error.facts;
      warn(`skipping a damaged checkpoint: ${at} (expected ${expected}, received ${received})`);
    }
  }
  if (damaged.length === 0) return null;
  throw checkpointNoneGood({ folder, damaged, cause });
}

/** Committed checkpoints, oldest first; not verified. */
export async function listCheckpoints(
  folder: string,
): Promise<readonly { readonly step: number; readonly path: string }[]> {
  return (await readFolder(folder))
    .flatMap((entry) => {
      const match = FOLDER_NAME.exec(entry.name);
      return match === null ? [] : [{ step: Number(match[1]), path: join(folder, entry.name) }];
    })
    .sort((a, b) => a.step - b.step || Number(isReplaced(b.path)) - Number(isReplaced(a.path)));
}

/** Folder of the checkpoint of a step. */
export function checkpointPath(folder: string, step: number): string {
  return join(folder, folderName(step));
}

function isReplaced(path: string): boolean {
  return basename(path).startsWith(REPLACED);
}

function folderName(step: number): string {
  return `step-${String(step).padStart(8, '0')}`;
}

async function writeFiles(
  temporary: string,
  { step, epoch, state, model, training, metadata, files: small = {} }: CheckpointContents,
): Promise<Omit<SavedCheckpoint, 'path'>> {
  const written = await writeSafetensors(join(temporary, STATE_FILE), state);
  const files: Record<string, WrittenFile> = { [STATE_FILE]: written };
  for (const [name, bytes] of Object.entries(small)) {
    await writeDurably(join(temporary, name), bytes);
    files[name] = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
  const hash = stateHash(state);
  const manifest = formatManifest({
    step,
    epoch,
    stateHash: hash,
    model: model ?? null,
    training: training ?? null,
    metadata,
    files,
  });
  await writeDurably(join(temporary, MANIFEST_FILE), manifest);
  await syncFolder(temporary);
  const bytes = Object.values(files).reduce((total, file) => total + file.bytes, 0);
  return { bytes: bytes + Buffer.byteLength(manifest), stateHash: hash };
}

/** The rename is the moment from which the checkpoint exists. */
async function commit(temporary: string, path: string): Promise<void> {
  const replaced = join(dirname(path), `${REPLACED}${basename(path)}`);
  // A run that stops where it resumed saves the same step again: the old one stays readable until
  // the new one is there.
  const replaces = await rename(path, replaced).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  await rename(temporary, path);
  await syncFolder(dirname(path));
  if (replaces) await removeCheckpoint(replaced);
}

async function prune(folder: string, newest: number, retention: RetentionPolicy): Promise<void> {
  const older = (await listCheckpoints(folder)).filter((checkpoint) => checkpoint.step < newest);
  const keepOlder = Math.max(0, retention.keepLast - 1);
  const { keeps = () => false } = retention;
  for (const { step, path } of older.slice(0, Math.max(0, older.length - keepOlder))) {
    if (!keeps(step, await metadataOf(path))) await removeCheckpoint(path);
  }
}

/** Not verified; nothing where it cannot be read. */
async function metadataOf(path: string): Promise<CheckpointManifest['metadata']> {
  try {
    const text = await readInputText(join(path, MANIFEST_FILE), JSON_LIMIT);
    return (JSON.parse(text) as CheckpointManifest).metadata;
  } catch {
    return {};
  }
}

/** Removes a checkpoint, renamed first and durably: a half-removed folder must not look like a damaged one. */
async function removeCheckpoint(path: string): Promise<void> {
  const doomed = join(dirname(path), `${TEMPORARY}${PRUNED}`);
  await rm(doomed, { recursive: true, force: true });
  await rename(path, doomed);
  await syncFolder(dirname(path));
  await rm(doomed, { recursive: true, force: true });
}

/** What a killed writer left behind. `pipeline average` writes into folders that hold other things. */
async function removeLeftovers(folder: string, written: string): Promise<void> {
  const names = (await readFolder(folder)).map((entry) => entry.name);
  const isOurs = (name: string) => name === written || FOLDER_NAME.test(name) || name === PRUNED;
  for (const name of names) {
    const temporary = name.startsWith(TEMPORARY) && isOurs(name.slice(TEMPORARY.length));
    const plain = name.startsWith(REPLACED) ? name.slice(REPLACED.length) : undefined;
    const wasReplaced = plain !== undefined && isOurs(plain) && names.includes(plain);
    if (temporary || wasReplaced) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function readFolder(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function freeBytesAt(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
