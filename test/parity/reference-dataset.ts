/** Reads dataset folders as the reference's builders wrote them (npy and json, in a tar.gz). */
import { execFileSync } from 'node:child_process';

import type { DatasetMetadata, Split } from '@eddy/core';
import { withTemporaryFolder } from '@eddy/core/testing';

import { buildDataset, type BuiltDataset } from './build-dataset.ts';

export interface ReferenceDataset {
  readonly split: Split;
  readonly metadata: DatasetMetadata;
  /** index → name of puzzle identifiers. */
  readonly identifiers: readonly string[];
}

/** What the dataset plugin `reference-folder` makes of an archive. */
export async function buildReferenceDataset(archive: string): Promise<BuiltDataset> {
  return withTemporaryFolder((folder) => {
    execFileSync('tar', ['-xzf', archive, '-C', folder]);
    return buildDataset({ use: 'reference-folder', folder });
  });
}

/** A split of a reference dataset. */
export async function readReferenceDataset(
  archive: string,
  name: string,
): Promise<ReferenceDataset> {
  const { metadata, splits, identifiers } = await buildReferenceDataset(archive);
  return { split: splits[name]!, metadata, identifiers };
}
