/** Contradictions in the `source` of a dataset that its schema cannot see. */
import type { ConfigProblem } from '@eddy/core';

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
