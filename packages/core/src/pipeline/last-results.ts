/**
 * The inputs of each result of a pipeline when it ran last, by its file and by its name: `pipeline why` compares
 * with them. They are kept in the cache; clearing it loses nothing but the comparison.
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { replaceDurably } from '../files/durable.ts';
import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { keyInputs, type KeyInputs } from './artifact-key.ts';

const FORMAT = 'eddy-results/1';

const resultsSchema = z.looseObject({
  format: z.literal(FORMAT),
  name: z.string(),
  file: z.string(),
  /** Stage → where and when it was done last, and from what. */
  stages: z.record(
    z.string(),
    z.looseObject({ run: z.string(), finishedAt: z.string(), inputs: keyInputs }),
  ),
});

/** The result of a stage when the pipeline ran last. */
export interface LastResult {
  /** Folder of that run. */
  readonly run: string;
  /** Wall clock, ISO 8601. */
  readonly finishedAt: string;
  readonly inputs: KeyInputs;
}

/** A pipeline as it is known again: by its file, else by its name. */
interface Pipeline {
  readonly name: string;
  readonly file: string;
}

/** Notes what stages were made from that have ended; those that did not run stay as they were. */
export async function recordResults(
  cacheFolder: string,
  { name, file }: Pipeline,
  run: string,
  stages: ReadonlyMap<string, KeyInputs>,
): Promise<void> {
  if (stages.size === 0) return;
  const finishedAt = new Date().toISOString();
  const done = Object.fromEntries(
    [...stages].map(([stage, inputs]) => [stage, { run, finishedAt, inputs }]),
  );
  await mkdir(join(cacheFolder, FOLDER), { recursive: true });
  for (const path of placesOf(cacheFolder, { name, file })) {
    const before = (await readResults(path))?.stages ?? {};
    const results = { format: FORMAT, name, file, stages: { ...before, ...done } };
    await replaceDurably(path, `${JSON.stringify(results, null, 2)}\n`);
  }
}

/** The last results of the pipeline in this file, else of one of this name; by stage. */
export async function lastResults(
  cacheFolder: string,
  pipeline: Pipeline,
): Promise<ReadonlyMap<string, LastResult>> {
  for (const path of placesOf(cacheFolder, pipeline)) {
    const results = await readResults(path);
    if (results !== undefined) return new Map(Object.entries(results.stages));
  }
  return new Map();
}

const FOLDER = 'results';

function placesOf(cacheFolder: string, { name, file }: Pipeline): readonly string[] {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
  return [`file-${hash(file)}.json`, `name-${hash(name)}.json`].map((entry) =>
    join(cacheFolder, FOLDER, entry),
  );
}

async function readResults(path: string): Promise<z.output<typeof resultsSchema> | undefined> {
  try {
    return resultsSchema.parse(JSON.parse(await readInputText(path, JSON_LIMIT)));
  } catch {
    return undefined; // the pipeline never ran, or the note is damaged: there is nothing to compare with
  }
}
