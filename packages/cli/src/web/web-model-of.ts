/** A checkpoint as a page reads it: the file of `pipeline export --format web`, and the page Try. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { openRunFolder, type RunFolder } from '@eddy/core/report';
import { pipelineFileOf } from '@eddy/core/run';
import { type StoredModel } from '@eddy/core/weights';
import { checkModel, packModel, type WebModel } from '@eddy/web';

import { examplePuzzles, type ExamplePuzzle } from './example-puzzles.ts';
import { runDetails, type Detail } from './run-details.ts';

/**
 * Packs a model with its weights, examples of its data, and what is known of its training; makes sure that it runs.
 *
 * @throws MODEL_OUTPUT_MISSING, WEB_UNSUPPORTED_OP
 */
export async function webModelOf(
  { model, metadata, weights, pipeline, identity }: StoredModel,
  warn: (text: string) => void,
): Promise<WebModel> {
  const run = await runOf(weights.path);
  const examples = run === undefined ? [] : await examplesOf(run, warn);
  const { blankIdentifierId } = metadata;
  // By name: with an augmentation the model has rows for versions of a task, and other numbers.
  const rowOf = ({ identifier }: ExamplePuzzle) =>
    identifier === undefined
      ? blankIdentifierId
      : (weights.identifiers?.indexOf(identifier) ?? blankIdentifierId);
  const packed = packModel({
    model,
    metadata,
    weights: weights.tree,
    identifiers: weights.identifiers,
    wantedIdentifiers: examples.map(rowOf).filter((id) => id >= 0),
    about: {
      name: pipeline.name,
      model: identity.use,
      details: [...detailsOf(weights), ...(run === undefined ? [] : runDetails(run, weights))],
      eddyVersion: run?.manifest.versions['@eddy/core'] ?? '',
      examples: [],
    },
  });
  const { identifiers } = packed;
  if (identifiers.named.length > 0 && identifiers.named.length < identifiers.total) {
    warn(
      `the page has ${identifiers.named.length} of the ${identifiers.total} puzzle identifiers: ` +
        `those of its examples and the first of the others`,
    );
  }
  const header = {
    ...packed.model.header,
    about: {
      ...packed.model.header.about,
      examples: examples.map((one) => ({
        name: one.identifier === undefined ? one.name : `${one.name}: ${one.identifier}`,
        input: [...one.example.input],
        label: [...one.example.label],
        identifier: identifiers.idOf(rowOf(one)) ?? 0,
      })),
    },
  };
  const web = { header, bytes: packed.model.bytes };
  await checkModel(web);
  return web;
}

async function runOf(weights: string): Promise<RunFolder | undefined> {
  try {
    return await openRunFolder(dirname(await pipelineFileOf(weights)));
  } catch {
    return undefined;
  }
}

async function examplesOf(
  { manifest }: RunFolder,
  warn: (text: string) => void,
): Promise<readonly ExamplePuzzle[]> {
  const folders = Object.values(manifest.data ?? {}).map(({ path }) => path);
  // The result of an augmentation may hold versions only, beside the dataset of a stage before.
  const folder = folders.findLast((path) => existsSync(join(path, 'dataset.json')));
  if (folder !== undefined) return examplePuzzles(folder);
  if (folders.length > 0)
    warn(`the page has no examples: there is no dataset at ${folders.at(-1)}`);
  return [];
}

function detailsOf({ step, averaged }: StoredModel['weights']): Detail[] {
  const kind = averaged ? ', averaged weights' : '';
  return step === undefined ? [] : [['Checkpoint', `step ${step.toLocaleString('en-US')}${kind}`]];
}
