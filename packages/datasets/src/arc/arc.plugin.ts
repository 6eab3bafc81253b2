import { definePlugin, type ConfigProblem } from '@eddy/core';
import { ARC_MAX_SIDE } from '@eddy/puzzles';
import { z } from 'zod';

import { arcSource } from './arc-source.ts';
import { missingFiles } from '../files/data-file.ts';
import { challengesOf, combinedFiles, taskFolders } from './task-files.ts';

const subset = z.string().regex(/^[\w-]+$/);

const config = z.strictObject({
  source: z
    .strictObject({
      combined: z
        .string()
        .min(1)
        .optional()
        .describe(
          'path prefix of combined files: PREFIX_<subset>_challenges.json, …_solutions.json',
        ),
      folders: z
        .record(subset, z.string().min(1))
        .optional()
        .describe('folder of each subset, with one JSON file for each task, at any depth'),
    })
    .describe('where the tasks are: either combined or folders'),
  subsets: z
    .array(subset)
    .min(1)
    .default(['training', 'evaluation', 'concept'])
    .describe(
      'subsets to train on: all their demonstrations, and the test pairs of subsets that are not in testSubsets',
    ),
  testSubsets: z
    .array(subset)
    .default(['evaluation'])
    .describe('the subsets among these whose test pairs are the test split'),
  canvas: z
    .int()
    .min(2)
    .max(ARC_MAX_SIDE)
    .default(ARC_MAX_SIDE)
    .describe('side of the canvas; tasks with a larger grid are skipped'),
  seed: z.int().min(0).default(42).describe('seed of the order in which tasks are numbered'),
});

type ArcConfig = z.output<typeof config>;

export default definePlugin({
  kind: 'dataset',
  name: 'arc',
  apiVersion: 1,
  summary: 'ARC-AGI-1, ARC-AGI-2, ConceptARC: folders of JSON or combined files',
  config,
  needs: ['configFolder', 'notify'],
  check: problemsOf,
  missingInputs: ({ source, subsets }, { configFolder }) =>
    missingFiles(filesOf(source, subsets), configFolder),
  create: (options, { configFolder, notify }) => {
    const { combined, folders = {} } = options.source;
    const files =
      combined === undefined
        ? taskFolders(folders, configFolder)
        : combinedFiles(combined, configFolder);
    return arcSource(options, files, notify);
  },
});

/** The files or folders that the subsets are read from, with the options that name them. */
function filesOf(
  { combined, folders = {} }: ArcConfig['source'],
  subsets: readonly string[],
): { readonly path: readonly string[]; readonly file: string }[] {
  return subsets.flatMap((subset) => {
    if (combined !== undefined) {
      return [{ path: ['source', 'combined'], file: challengesOf(combined, subset) }];
    }
    const file = folders[subset];
    return file === undefined ? [] : [{ path: ['source', 'folders', subset], file }];
  });
}

function problemsOf({ source, subsets, testSubsets }: ArcConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const { combined, folders } = source;
  if ((combined === undefined) === (folders === undefined)) {
    problems.push({
      path: ['source'],
      message: combined === undefined ? 'no source' : 'two sources',
      expected: 'either combined or folders',
      received: combined === undefined ? 'neither' : 'both',
      fix: 'say where the tasks are, such as build.dataset.source.combined=kaggle/combined/arc-agi',
    });
  }
  for (const [i, name] of subsets.entries()) {
    if (subsets.indexOf(name) !== i) {
      problems.push({
        path: ['subsets', i],
        message: 'a subset is listed twice',
        expected: 'different subsets',
        received: name,
        fix: 'remove one',
      });
    }
    if (folders !== undefined && !(name in folders)) {
      problems.push({
        path: ['source', 'folders'],
        message: 'a subset has no folder',
        expected: `a folder for ${name}`,
        received: Object.keys(folders).join(', ') || 'none',
        fix: 'name its folder, or take it out of subsets',
      });
    }
  }
  for (const [i, name] of testSubsets.entries()) {
    if (subsets.includes(name)) continue;
    problems.push({
      path: ['testSubsets', i],
      message: 'a test subset is not among the subsets',
      expected: `one of ${subsets.join(', ')}`,
      received: name,
      fix: 'add it to subsets: its demonstrations are trained on',
    });
  }
  return problems;
}
