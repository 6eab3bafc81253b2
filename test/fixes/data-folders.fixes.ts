/** Folders as the reference's builders write them. */
import { cp, mkdir, rm } from 'node:fs/promises';

import { expect } from 'vitest';

import { command, followFixes, type FixCase } from './fix-case.ts';
import type { Place } from './place.ts';
import { tiny } from './tiny.ts';

const build = ['run', 'p.yml', '--until', 'build'];

/** A folder as the reference's builders write it. */
function referenceFolders(): FixCase[] {
  const folder = async (place: Place) => {
    await place.write('q.yml', tiny());
    const { exitCode, output } = await place.pipeline(['export-dataset', 'q.yml', '-o', 'good']);
    expect(exitCode, output).toBe(0);
    await mkdir(place.at('data'));
    await cp(place.at('good'), place.at('data'), { recursive: true });
  };
  const files = {
    'p.yml': tiny({ dataset: '  dataset: { use: reference-folder, folder: data }' }),
  };
  return [
    command({
      code: 'REFERENCE_FOLDER_INVALID',
      when: 'only train/ was copied',
      files,
      before: async (place) => {
        await folder(place);
        await rm(place.at('data/identifiers.json'));
      },
      words: build,
      edits: [
        async (place, fix) => {
          expect(fix).toMatch('identifiers.json, train/ and test/');
          await cp(place.at('good'), place.at('data'), { recursive: true });
        },
      ],
    }),
    command({
      code: 'NPY_INVALID',
      when: 'a copy of an array was cut short',
      files,
      before: async (place) => {
        await folder(place);
        await place.write('data/train/all__inputs.npy', 'x');
      },
      words: build,
      edits: [
        async (place, fix) => {
          expect(fix).toMatch('copy the folder again');
          await cp(place.at('good'), place.at('data'), { recursive: true });
        },
      ],
    }),
  ];
}

followFixes('folders of the reference', referenceFolders());
