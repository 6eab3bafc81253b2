/** dataset_maze: what the reference's builder makes of the same CSV files. */
import { applyDihedral, DIHEDRALS } from '@eddy/puzzles';

import { buildDataset } from '../build-dataset.ts';
import type { CaseHandler } from '../case-handler.ts';
import type { Fixture } from '../fixture.ts';
import {
  buildAndExport,
  checkArchive,
  checkColumns,
  checkMetadata,
  statedColumns,
  type Columns,
} from '../folder-format.ts';

export const handler: CaseHandler = {
  matches: (name) => name === 'dataset_maze',
  async run(fixture) {
    for (const run of Object.keys(fixture.json.config)) await checkRun(fixture, run);
  },
};

async function checkRun(fixture: Fixture, run: string): Promise<void> {
  const { subsample_size: subsampleSize, aug } = fixture.json.config[run];
  const file = (split: string) => fixture.file('dataset_inputs', 'maze', `${split}.csv`);
  const stated = fixture.json[`run_${run}`].json;
  const seqLen: number = stated['train/dataset.json'].seq_len;
  const csv = { train: file('train'), test: file('test'), size: Math.sqrt(seqLen) };
  const dataset = { use: 'maze', source: { csv } };
  await checkArchive(fixture, run, fixture.file(`dataset_maze_${run}.tar.gz`));
  const augmentation = aug ? { use: 'dihedral' } : undefined;
  const ours = await buildAndExport(
    run,
    fixture.json[`run_${run}`],
    { ...dataset, subsampleSize },
    augmentation,
  );
  for (const split of ['train', 'test']) {
    const what = `${run} ${split}`;
    checkMetadata(what, ours, split, stated);
    const theirs = statedColumns(fixture, `${run}/${split}`);
    if (subsampleSize !== null && split === 'train') {
      const originals = (await buildDataset(dataset)).splits['train']!;
      checkDrawnGroups(`${what}, reference`, theirs, originals, seqLen);
      checkDrawnGroups(`${what}, ours`, ours.splits[split]!, originals, seqLen);
    } else {
      checkColumns(what, ours.splits[split]!, theirs);
    }
  }
}

/** The reference draws unseeded: its groups, and ours, are eight versions in order of originals. */
function checkDrawnGroups(what: string, split: Columns, originals: Columns, seqLen: number): void {
  const side = Math.sqrt(seqLen);
  const tokensAt = (columns: Columns, column: 'inputs' | 'labels', i: number) =>
    columns[column].subarray(i * seqLen, (i + 1) * seqLen);
  const known = new Map<string, number>();
  for (let i = 0; i < originals.inputs.length / seqLen; i++) {
    known.set(String(tokensAt(originals, 'inputs', i)), i);
  }
  for (let group = 0; group < split.groupIndices.length - 1; group++) {
    const first = split.groupIndices[group]!;
    const original = known.get(String(tokensAt(split, 'inputs', first)));
    if (original === undefined) throw new Error(`${what}: group ${group} begins with no original`);
    known.delete(String(tokensAt(split, 'inputs', first)));
    for (const transform of DIHEDRALS) {
      for (const column of ['inputs', 'labels'] as const) {
        const cells = tokensAt(originals, column, original);
        const turned = applyDihedral({ rows: side, cols: side, cells }, transform).cells;
        if (String(turned) === String(tokensAt(split, column, first + transform))) continue;
        throw new Error(`${what}: ${column} of version ${transform} of group ${group} differ`);
      }
    }
  }
}
