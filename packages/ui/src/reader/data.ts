/** The datasets of a run, a page of examples at a time. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { openDataset, SplitRows, type SplitRow } from '@eddy/core/data';
import { EddyError } from '@eddy/tensor/errors';

import type { DatasetView, DataView, ExamplesView, ExampleView } from '../api/data.ts';
import type { RunProjection } from './run-projection.ts';

/** Rows of splits, shared by all clients: it remembers which files it has checked. */
const splitRows = new SplitRows();
/** Names of identifiers of the dataset that was looked at last. */
let names: { readonly folder: string; readonly all: readonly string[] } | undefined;

interface HandedOn {
  readonly folder: string;
  readonly key: string;
  readonly stages: string[];
}

/**
 * The folders of datasets, each once, in the order of the stages. A stage that handed a dataset on as it is, or only
 * drew up which versions it has, belongs to the one before it.
 */
function handedOn({ manifest }: RunProjection): HandedOn[] {
  const datasets: HandedOn[] = [];
  for (const [stage, { key, path: folder }] of Object.entries(manifest.data ?? {})) {
    const isPlan = existsSync(folder) && !existsSync(join(folder, 'dataset.json'));
    const known = datasets.find((one) => one.folder === folder) ?? (isPlan && datasets.at(-1));
    if (known) known.stages.push(stage);
    else datasets.push({ folder, key, stages: [stage] });
  }
  return datasets;
}

/** Returns the datasets that the stages of a run handed on. */
export async function dataOf(projection: RunProjection): Promise<DataView> {
  const datasets = handedOn(projection).map(({ folder, stages, key }) =>
    datasetView(folder, stages, key),
  );
  return {
    datasets: await Promise.all(datasets),
    leakage: [...projection.events.leakage.values()],
  };
}

async function datasetView(
  folder: string,
  stages: readonly string[],
  key: string,
): Promise<DatasetView> {
  const common = { stages, key };
  try {
    const { metadata } = await openDataset(folder);
    const { task, grid, vocabSize, numPuzzleIdentifiers, splits } = metadata;
    return {
      ...common,
      task,
      ...grid,
      vocabSize,
      identifiers: numPuzzleIdentifiers,
      splits: Object.entries(splits).map(([name, { numExamples, numPuzzles, numGroups }]) => ({
        name,
        examples: numExamples,
        puzzles: numPuzzles,
        groups: numGroups,
      })),
    };
  } catch (error) {
    if (!(error instanceof EddyError)) throw error;
    const empty = { task: '', rows: 0, cols: 0, vocabSize: 0, identifiers: 0, splits: [] };
    return { ...common, ...empty, problem: error.facts.message };
  }
}

/** Returns the folder of the dataset that a stage handed on; of the last stage, if none is named. */
export function datasetFolder(
  projection: RunProjection,
  stage: string | undefined,
): string | undefined {
  const datasets = handedOn(projection);
  if (stage === undefined) return datasets.at(-1)?.folder;
  return datasets.find(({ stages }) => stages.includes(stage))?.folder;
}

/**
 * Returns examples of a split.
 *
 * @throws SPLIT_MISSING, DATASET_DAMAGED
 */
export async function examplesOf(
  folder: string,
  split: string,
  place: { readonly from: number; readonly count: number },
): Promise<ExamplesView> {
  const dataset = await openDataset(folder);
  const { task, grid, gridStyle, ignoreLabelId, blankIdentifierId, splits } = dataset.metadata;
  const rows = await splitRows.read(folder, split, place);
  if (names?.folder !== folder) names = { folder, all: await dataset.identifiers() };
  const { all } = names;
  const nameOf = (identifier: number) =>
    identifier === blankIdentifierId ? undefined : all[identifier];
  return {
    task,
    ...grid,
    ...(gridStyle && { gridStyle }),
    notScored: ignoreLabelId,
    total: splits[split]!.numExamples,
    examples: rows.map((row) => exampleView(row, nameOf(row.identifier))),
  };
}

function exampleView(row: SplitRow, identifier: string | undefined): ExampleView {
  const { index, input, label, rating, group, puzzle } = row;
  return {
    index,
    input: [...input],
    label: [...label],
    ...(Number.isNaN(rating) ? {} : { rating }),
    group,
    puzzle,
    ...(identifier === undefined ? {} : { identifier }),
  };
}
