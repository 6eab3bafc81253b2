/** Contradictions in the `source` of a dataset that its schema cannot see. */
import type { ConfigProblem } from '@eddy/core';

import { missingFiles } from '../files/data-file.ts';
import type { LocalFiles } from './source-options.ts';

export function sourceProblems(source: {
  readonly csv?: LocalFiles | undefined;
  readonly generator?: object | undefined;
}): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const { csv, generator } = source;
  if (csv !== undefined && generator !== undefined) {
    problems.push({
      path: ['source'],
      message: 'two sources',
      expected: 'one of csv, generator or hub',
      received: 'csv and generator',
      fix: 'remove one, such as ~build.dataset.source.generator',
    });
  }
  if (csv?.test != null && csv.heldOut > 0) {
    problems.push({
      path: ['source', 'csv', 'heldOut'],
      message: 'two test splits are given',
      expected: 'either a test file or a held-out share',
      received: `test ${csv.test} and heldOut ${csv.heldOut}`,
      fix: 'remove one',
    });
  }
  return problems;
}

/** Returns a problem for each local file that is not there. */
export function missingRows(
  { source: { csv } }: { readonly source: { readonly csv?: LocalFiles | undefined } },
  { configFolder }: { readonly configFolder: string },
): ConfigProblem[] {
  const { train, test } = csv ?? {};
  const named = Object.entries({ train, test }).flatMap(([split, file]) =>
    file == null ? [] : [{ path: ['source', 'csv', split], file }],
  );
  return missingFiles(named, configFolder);
}
