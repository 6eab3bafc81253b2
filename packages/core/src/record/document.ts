/** Documents in the folder of a run: sealed, with the id of the run and the sums of the files beside them. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';

import { sha256OfFile } from '../files/digest.ts';
import { replaceDurably } from '../files/durable.ts';
import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { sealed, unsealed } from './sealed.ts';

/** The manifest of a run, and of a checkpoint. */
export const MANIFEST = 'manifest.json';
/** Formats of a run's manifest that are read. In the first one, the files of a run do not vouch for each other. */
export const RUN_FORMATS = ['eddy-run/1', 'eddy-run/2'] as const;

export interface FileSum {
  readonly bytes: number;
  readonly sha256: string;
}

export interface RunDocument {
  readonly body: Readonly<Record<string, unknown>>;
  readonly isSealed: boolean;
  /** Id of the run that wrote it. */
  readonly run?: string;
  /** Files below its folder, by their paths with `/`. */
  readonly files?: Readonly<Record<string, FileSum>>;
}

/** Replaces a document of the run that the path lies in, if it lies in one. */
export async function writeDocument(
  path: string,
  body: object,
  files?: RunDocument['files'],
): Promise<void> {
  const run = await runIdAbove(path);
  const facts = {
    ...(run === undefined ? {} : { run }),
    ...(files === undefined ? {} : { files }),
  };
  await replaceDurably(path, sealed({ ...body, ...facts }));
}

/** Reads a document, sealed or of an earlier version. @throws SealBroken, SyntaxError, errors of the system */
export async function readDocument(path: string): Promise<RunDocument> {
  const { body: all, isSealed } = unsealed(await readInputText(path, JSON_LIMIT));
  const { run, files, ...body } = all as RunDocument['body'] & Pick<RunDocument, 'run' | 'files'>;
  return {
    body,
    isSealed,
    ...(run === undefined ? {} : { run }),
    ...(files === undefined ? {} : { files }),
  };
}

/** Id of the run that a path lies in; undefined where it lies in none. */
export async function runIdAbove(path: string): Promise<string | undefined> {
  // run/checkpoints/finetune/step-1/manifest.json
  let folder = dirname(resolve(path));
  for (let level = 0; level < 4; level++, folder = dirname(folder)) {
    const text = await readInputText(join(folder, MANIFEST), JSON_LIMIT).catch(() => '{}');
    const { format, id } = JSON.parse(text) as { format?: unknown; id?: string };
    if ((RUN_FORMATS as readonly unknown[]).includes(format)) return id;
  }
  return undefined;
}

export async function sumOf(path: string): Promise<FileSum> {
  const { size } = await stat(path);
  return { bytes: size, sha256: await sha256OfFile(path) };
}

/** Sums of all files below a folder but those of one name, by their paths with `/`. */
export async function sumsBelow(folder: string, except: string): Promise<Record<string, FileSum>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const sums: Record<string, FileSum> = {};
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    if (entry.isFile() && name !== except && !name.endsWith('.tmp')) sums[name] = await sumOf(path);
  }
  return sums;
}
