/** The manifest of a checkpoint: what is in it, and the sha256 of each file and of itself. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';
import { EddyError } from '@eddy/tensor/errors';

import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { sha256OfFile } from '../files/digest.ts';
import { SealBroken, sealed, unsealed } from '../record/sealed.ts';
import { checkpointDamaged } from './errors.ts';
import { modelIdentitySchema, type ModelIdentity } from './model-identity.ts';
import type { WrittenFile } from './safetensors.ts';

export const MANIFEST_FILE = 'manifest.json';
const CHECKPOINT_FORMAT = 'eddy-checkpoint/2';
/** Formats that are read. The first one did not record the model and the training. */
const FORMATS = ['eddy-checkpoint/1', CHECKPOINT_FORMAT] as const;

/** The training that made a checkpoint. */
export interface TrainingPlace {
  /** Key of the stage in its pipeline file. */
  readonly stage: string;
  /** Place among the trainings of the pipeline, 0 for the first: tells which one is the last. */
  readonly index: number;
}

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface CheckpointManifest {
  readonly format: (typeof FORMATS)[number];
  readonly step: number;
  readonly epoch: number;
  /** `stateHash` of the tensors. */
  readonly stateHash: string;
  /** The model that the weights belong to; null where it is not known. */
  readonly model: ModelIdentity | null;
  readonly training: TrainingPlace | null;
  /** Id of the run that it lies in; absent outside of runs, and in checkpoints of earlier versions. */
  readonly run?: string;
  /** Whatever the writer needs back: data cursor, config hash, versions, best metric … */
  readonly metadata: Readonly<Record<string, JsonValue>>;
  readonly files: Readonly<Record<string, WrittenFile>>;
}

/** A name is one of the checkpoint's own folder. */
const manifestSchema = z.looseObject({
  format: z.enum(FORMATS),
  step: z.int().min(0),
  epoch: z.int().min(0),
  stateHash: z.string(),
  model: modelIdentitySchema.nullable().default(null),
  training: z
    .looseObject({ stage: z.string(), index: z.int().min(0) })
    .nullable()
    .default(null),
  run: z.string().exactOptional(),
  metadata: z.record(z.string(), z.unknown()),
  files: z.record(
    z.string().regex(/^\w[\w.-]*$/),
    z.looseObject({ bytes: z.int().min(0), sha256: z.string() }),
  ),
});

/** The text of a manifest file; its last field is the sha256 of the rest. */
export function formatManifest(facts: Omit<CheckpointManifest, 'format'>): string {
  return sealed({ format: CHECKPOINT_FORMAT, ...facts });
}

/**
 * Reads a manifest and checks it and the files it names.
 *
 * @throws CHECKPOINT_DAMAGED naming the first file that differs
 */
export async function readVerifiedManifest(folder: string): Promise<CheckpointManifest> {
  const manifest = await readManifest(join(folder, MANIFEST_FILE));
  for (const [name, { bytes, sha256: expected }] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    const size = await stat(path).then(
      (facts) => facts.size,
      () => null,
    );
    if (size !== bytes) {
      const received = size === null ? 'no file' : `${size} bytes`;
      throw checkpointDamaged({ file: path, expected: `${bytes} bytes`, received });
    }
    const received = await sha256OfFile(path);
    if (received !== expected) {
      throw checkpointDamaged({
        file: path,
        expected: `sha256 ${expected}`,
        received: `sha256 ${received}`,
      });
    }
  }
  return manifest;
}

async function readManifest(path: string): Promise<CheckpointManifest> {
  let text: string;
  try {
    text = await readInputText(path, JSON_LIMIT);
  } catch (cause) {
    if (cause instanceof EddyError) throw cause;
    throw checkpointDamaged({
      file: path,
      expected: 'a manifest',
      received: (cause as Error).message,
      cause,
    });
  }
  const { body, isSealed } = readSeal(text, path);
  if (!isSealed || !isCheckpointFormat(body['format'])) {
    throw checkpointDamaged({
      file: path,
      expected: `${CHECKPOINT_FORMAT} with its sha256`,
      received: `${String(body['format'])} ${isSealed ? 'with' : 'without'} it`,
    });
  }
  const parsedBody = manifestSchema.safeParse(body);
  const problem = parsedBody.error?.issues[0];
  if (problem !== undefined) {
    throw checkpointDamaged({
      file: path,
      expected: `${problem.path.join('.')}: what a checkpoint has there`,
      received: problem.message,
    });
  }
  return parsedBody.data as CheckpointManifest;
}

/** True if `format` is that of a checkpoint, of this or an earlier version. */
export function isCheckpointFormat(format: unknown): boolean {
  return (FORMATS as readonly unknown[]).includes(format);
}

function readSeal(text: string, file: string): ReturnType<typeof unsealed> {
  try {
    return unsealed(text);
  } catch (cause) {
    if (!(cause instanceof SealBroken)) {
      throw checkpointDamaged({
        file,
        expected: 'JSON',
        received: (cause as Error).message,
        cause,
      });
    }
    const [expected, received] = [`sha256 ${cause.expected}`, `sha256 ${cause.received}`];
    throw checkpointDamaged({ file, expected, received, cause });
  }
}
