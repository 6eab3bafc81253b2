/** Reads dataset folders as the reference's builders write them (npy and json, in a tar.gz). */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import type { DatasetMetadata, Split } from '@eddy/core';

export interface ReferenceDataset {
  readonly split: Split;
  readonly metadata: DatasetMetadata;
  /** index → name of puzzle identifiers. */
  readonly identifiers: readonly string[];
}

/** A split of a reference dataset, as our store would hold it. */
export function readReferenceDataset(archive: string, name: string): ReferenceDataset {
  const files = readTar(gunzipSync(readFileSync(archive)));
  const bytesOf = (file: string): Buffer => {
    const bytes = files.get(`${name}/${file}`);
    if (bytes === undefined) throw new Error(`${archive} has no ${name}/${file}`);
    return bytes;
  };
  const array = (column: string) => readNpy(bytesOf(`all__${column}.npy`));
  const stated = JSON.parse(bytesOf('dataset.json').toString());
  const puzzleIdentifiers = Int32Array.from(array('puzzle_identifiers'));
  const inputs = Uint8Array.from(array('inputs'));
  const numExamples = inputs.length / stated.seq_len;
  return {
    split: {
      name,
      seqLen: stated.seq_len,
      inputs,
      labels: Uint8Array.from(array('labels')),
      ratings: null,
      puzzleIdentifiers,
      puzzleIndices: Int32Array.from(array('puzzle_indices')),
      groupIndices: Int32Array.from(array('group_indices')),
    },
    metadata: {
      vocabSize: stated.vocab_size,
      seqLen: stated.seq_len,
      grid: { rows: Math.sqrt(stated.seq_len), cols: Math.sqrt(stated.seq_len) },
      task: 'reference',
      numPuzzleIdentifiers: stated.num_puzzle_identifiers,
      padId: stated.pad_id,
      ignoreLabelId: stated.ignore_label_id,
      blankIdentifierId: stated.blank_identifier_id,
      splits: {
        [name]: {
          numGroups: stated.total_groups,
          numPuzzles: puzzleIdentifiers.length,
          numExamples,
          meanPuzzleExamples: stated.mean_puzzle_examples,
        },
      },
    },
    identifiers: JSON.parse(files.get('identifiers.json')!.toString()),
  };
}

const TAR_BLOCK = 512;

function readTar(bytes: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let offset = 0; bytes[offset] !== undefined && bytes[offset] !== 0;) {
    const text = (from: number, length: number) =>
      bytes.toString('latin1', offset + from, offset + from + length).replace(/\0.*$/s, '');
    const size = Number.parseInt(text(124, 12), 8);
    const start = offset + TAR_BLOCK;
    files.set(text(0, 100).replace(/^\.\//, ''), bytes.subarray(start, start + size));
    offset = start + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
  return files;
}

/** The integers of an .npy file of version 1, C order. */
function readNpy(bytes: Buffer): ArrayLike<number> {
  const headerSize = bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, 10 + headerSize);
  const descr = /'descr': '([^']+)'/.exec(header)?.[1];
  const data = Uint8Array.from(bytes.subarray(10 + headerSize));
  switch (descr) {
    case '|u1':
      return data;
    case '<i4':
      return new Int32Array(data.buffer);
    case '<i8':
      return Array.from(new BigInt64Array(data.buffer), Number);
    default:
      throw new Error(`npy dtype ${descr} is not known`);
  }
}
