/** Finds the files of a run that are not as the run wrote them. */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { sha256OfFile } from '../files/digest.ts';
import { nonFileKind, openInputFile } from '../files/input-file.ts';
import { MANIFEST, readDocument, RUN_FORMATS, sumOf, type FileSum, type RunDocument } from './document.ts'; // prettier-ignore
import { uncheckedLine } from './checked-line.ts';

/** Places in the folder of a run whose files are vouched for. `sources/` has sums of its own. */
export const VOUCHED_PLACES = [
  'config.yml',
  'journal.jsonl',
  'report.html',
  'curves.svg',
  'evaluations',
  'checkpoints',
] as const;

export type VouchedPlace = (typeof VOUCHED_PLACES)[number];

const JOURNAL = 'journal.jsonl';
/** Names of the documents in `evaluations/` and `checkpoints/`; each vouches for the files in its folder. */
const DOCUMENTS: ReadonlySet<string> = new Set([
  'metrics.json',
  'compute.json',
  'best.json',
  MANIFEST,
]);
/** Of longer files only the length is compared, unless asked otherwise: a list of runs has many. */
const SHORT_BYTES = 1 << 20;

/** A file of a run that is missing, changed, of another run, or was put there by somebody else. */
export interface Damage {
  /** Below the folder of the run, with `/`. */
  readonly file: string;
  /** A sentence that names the file, without a full stop. */
  readonly text: string;
}

/** Sums of the vouched files of a run as they are now, by their paths with `/`. */
export async function sumsOfRun(run: string): Promise<Record<string, FileSum>> {
  const names = [
    ...VOUCHED_PLACES.filter((place) => place.includes('.')),
    ...(await documentsIn(run)),
  ];
  const sums: Record<string, FileSum> = {};
  for (const name of names) {
    const isThere = (await kindAt(join(run, name))) === 'a file';
    if (isThere) sums[name] = await sumOf(join(run, name));
  }
  return sums;
}

/**
 * Returns the vouched files of a run that are not as it wrote them; none of a run of an earlier version, which has no
 * sums. A run that was killed, or is running, has sums of its config, its documents and the files beside them; one that
 * ended has them of everything.
 *
 * @param options.places  the places to look at; all by default
 * @param options.isThorough  true to read files of any length
 */
export async function damageOf(
  run: string,
  options: {
    readonly places?: readonly (VouchedPlace | typeof MANIFEST)[];
    readonly isThorough?: boolean;
  } = {},
): Promise<Damage[]> {
  const { places = [MANIFEST, ...VOUCHED_PLACES], isThorough = false } = options;
  const isAsked = (name: string) => (places as readonly string[]).includes(name.split('/')[0]!);
  const found: Damage[] = [];
  const add = (file: string, what: string | undefined) => {
    if (what !== undefined && isAsked(file))
      found.push({ file, text: `${join(run, file)} ${what}` });
  };

  const manifest = await readDocument(join(run, MANIFEST)).catch((error: Error) => error);
  if (manifest instanceof Error) {
    add(MANIFEST, whatIsWrong(manifest));
    return found;
  }
  const { format, id } = manifest.body as { readonly format?: unknown; readonly id?: string };
  if (format === RUN_FORMATS[0]) return found;
  if (!manifest.isSealed) {
    add(MANIFEST, whatIsWrong(new Error('it has no sha256')));
    return found;
  }
  const journalId = await runIdOfJournal(run);
  if (journalId !== undefined && journalId !== id) {
    add(MANIFEST, `and ${join(run, JOURNAL)} belong to different runs`);
    return found;
  }
  const { files = {} } = manifest;
  // Only a run that ended has vouched for its journal.
  const hasEnded = JOURNAL in files;
  for (const [name, sum] of Object.entries(files)) {
    if (!isAsked(name) || (await isPruned(run, name, files))) continue;
    add(name, await differenceOf(join(run, name), sum, isThorough));
  }
  for (const name of await documentsIn(run)) {
    if (!isAsked(name)) continue;
    const document = await readDocument(join(run, name)).catch((error: Error) => error);
    // A run that is at work removes older checkpoints.
    if (isGone(document)) continue;
    const isLate = hasEnded && !(name in files);
    const isNamed = found.some(({ file }) => file === name);
    if (!isNamed) add(name, whatIsForeign(document, { id, isLate }));
    if (document instanceof Error || basename(name) === MANIFEST) continue;
    for (const [beside, sum] of Object.entries(document.files ?? {})) {
      const file = `${dirname(name)}/${beside}`;
      add(file, await differenceOf(join(run, file), sum, isThorough));
    }
  }
  return found;
}

function whatIsForeign(
  document: RunDocument | Error,
  { id, isLate }: { readonly id: string | undefined; readonly isLate: boolean },
): string | undefined {
  if (document instanceof Error) return whatIsWrong(document);
  if (!document.isSealed) return 'was not written by this run';
  if (document.run !== id) return `belongs to another run, ${document.run ?? 'or to none'}`;
  return isLate ? 'was put there after the run had ended' : undefined;
}

function whatIsWrong(error: Error): string {
  if (isGone(error)) return 'is missing; the run wrote it';
  return `was changed or damaged after the run wrote it (${error.message})`;
}

/** What is wrong with a file of this sum; undefined where nothing is. */
async function differenceOf(
  path: string,
  { bytes, sha256 }: FileSum,
  isThorough: boolean,
): Promise<string | undefined> {
  const kind = await kindAt(path);
  if (kind === undefined) return 'is missing; the run wrote it';
  if (kind !== 'a file') return `is ${kind}; the run wrote a file`;
  const received = await stat(path);
  if (received.size !== bytes) {
    return `was changed or damaged after the run wrote it (${received.size} bytes, not ${bytes})`;
  }
  if (bytes > SHORT_BYTES && !isThorough) return undefined;
  if ((await sha256OfFile(path)) === sha256) return undefined;
  return 'was changed or damaged after the run wrote it (its sha256 differs)';
}

/** True for an older checkpoint that is not there any more: whoever needs room may delete it. */
async function isPruned(
  run: string,
  name: string,
  files: Readonly<Record<string, FileSum>>,
): Promise<boolean> {
  const folder = dirname(name);
  if (basename(name) !== MANIFEST || (await kindAt(join(run, folder))) !== undefined) return false;
  const beside = Object.keys(files).filter(
    (other) => basename(other) === MANIFEST && dirname(dirname(other)) === dirname(folder),
  );
  return beside.some((other) => other > name);
}

/** The documents below `evaluations/` and `checkpoints/`. */
async function documentsIn(run: string): Promise<string[]> {
  const names: string[] = [];
  const add = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(run, folder), { withFileTypes: true }).catch(
      () => [] as Dirent[],
    );
    for (const entry of entries) {
      const name = `${folder}/${entry.name}`;
      if (entry.isFile() && DOCUMENTS.has(entry.name)) names.push(name);
      // What a killed process left begins with a dot.
      if (entry.isDirectory() && depth > 0 && !entry.name.startsWith('.'))
        await add(name, depth - 1);
    }
  };
  await add('evaluations', 1);
  await add('checkpoints', 2);
  return names.sort();
}

/** The id that the first events of a journal name; undefined where there is none. */
async function runIdOfJournal(run: string): Promise<string | undefined> {
  try {
    const file = await openInputFile(join(run, JOURNAL));
    try {
      const head = Buffer.alloc(SHORT_BYTES);
      const { bytesRead } = await file.read(head);
      for (const line of head.toString('utf8', 0, bytesRead).split('\n')) {
        if (!line.includes('"type":"run-started"')) continue;
        // A damaged line says nothing of the run.
        const { json, check } = uncheckedLine(line);
        if (check !== 'same') return undefined;
        return (JSON.parse(json) as { readonly run?: { readonly id?: string } }).run?.id;
      }
      return undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined; // there is none, or it is no journal: whoever reads it says so
  }
}

async function kindAt(path: string): Promise<string | undefined> {
  const facts = await stat(path).catch(() => undefined);
  return facts && (nonFileKind(facts) ?? 'a file');
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}
