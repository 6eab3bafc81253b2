/** `archive.json`: what an archive of a run holds, and the sha256 of each file and of itself. */
import { sealed, unsealed } from '@eddy/core/report';
import { z } from 'zod';

export const MANIFEST_FILE = 'archive.json';
export const MAX_MANIFEST_BYTES = 32 << 20;

const FORMAT = 'eddy-archive/1';

/** Files and folders of a run that an archive may hold. */
export const RUN_FILES = [
  'config.yml',
  'manifest.json',
  'journal.jsonl',
  'report.html',
  'curves.svg',
] as const;
const RUN_FOLDERS = ['checkpoints', 'evaluations', 'sources', 'data'] as const;

const PLACES: readonly string[] = [...RUN_FILES, ...RUN_FOLDERS];

/**
 * A path in an archive, with `/` between its parts: below one of the places above, never absolute or
 * up, and of names that every file system can write.
 */
const archivePath = z.string().refine((path) => {
  const parts = path.split('/');
  const isPlain = parts.every(
    (part) =>
      !['', '.', '..'].includes(part) &&
      Buffer.byteLength(part) <= 240 &&
      // eslint-disable-next-line no-control-regex
      !/[\u0000-\u001f\u007f\\:]/.test(part),
  );
  return isPlain && Buffer.byteLength(path) <= 1000 && PLACES.includes(parts[0]!);
}, 'a path that no archive of ours has');

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  run: z.strictObject({ name: z.string(), id: z.string(), startedAt: z.string() }),
  /** Node, Eddy and plugin packages: name → version. */
  versions: z.record(z.string(), z.string()),
  engine: z.looseObject({ name: z.string(), fingerprint: z.string() }).nullable(),
  /** Folders of the checkpoints. */
  checkpoints: z.array(archivePath),
  /** Content keys of the datasets, by stage. */
  data: z.record(z.string(), z.string()),
  /** Datasets in the archive itself, by the stage that handed them on. */
  storedData: z.record(z.string(), z.strictObject({ folder: archivePath, key: z.string() })),
  files: z.record(archivePath, z.strictObject({ bytes: z.int().min(0), sha256: sha256Hex })),
});

export type ArchiveManifest = z.output<typeof manifestSchema>;

/** Returns the text of the manifest; its last field is the sha256 of the rest. */
export function formatArchiveManifest(facts: Omit<ArchiveManifest, 'format'>): string {
  return sealed({ format: FORMAT, ...facts });
}

/** @throws Error with what is wrong with the text */
export function parseArchiveManifest(text: string): ArchiveManifest {
  const { body, isSealed } = unsealed(text);
  if (!isSealed) throw new Error('it has no sha256 of its own');
  const manifest = manifestSchema.parse(body);
  refuseAmbiguousPaths(Object.keys(manifest.files));
  return manifest;
}

/** Two names that are one on some file system, and a file that another needs as its folder. */
function refuseAmbiguousPaths(paths: readonly string[]): void {
  const folded = new Map<string, string>();
  for (const path of paths) {
    const key = path.normalize('NFC').toLowerCase();
    const other = folded.get(key);
    if (other !== undefined) throw new Error(`${path} and ${other} may be the same file`);
    folded.set(key, path);
  }
  for (const key of folded.keys()) {
    for (let end = key.lastIndexOf('/'); end !== -1; end = key.lastIndexOf('/', end - 1)) {
      if (folded.has(key.slice(0, end)))
        throw new Error(`${key.slice(0, end)} is a file and a folder`);
    }
  }
}
