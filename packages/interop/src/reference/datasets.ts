/** `data_paths`: the builder's command that made the folder, or what its name tells. */
import { BUILDERS, type Builder, type BuilderOptions } from './builders.ts';
import type { Draft } from './draft.ts';

/** A builder's command line. */
export interface BuilderCall {
  readonly builder: Builder;
  readonly given: BuilderOptions;
}

/**
 * Names of the README: sudoku-extreme-1k-aug-1000, maze-30x30-hard-1k, arc1concept-aug-1000,
 * arc2concept-aug-1000.
 */
function fromName(folder: string): BuilderCall | undefined {
  const versions = /aug-(\d+)/.exec(folder)?.[1];
  const thousands = /-(\d+)k(?:-|$)/.exec(folder)?.[1];
  const call = (task: Builder['task'], given: Record<string, string[] | undefined>) => ({
    builder: BUILDERS.find((builder) => builder.task === task)!,
    given: Object.fromEntries(Object.entries(given).filter(([, values]) => values !== undefined)),
  });
  if (/sudoku/i.test(folder)) {
    return call('sudoku', {
      'subsample-size': thousands === undefined ? undefined : [`${thousands}000`],
      'num-aug': versions === undefined ? undefined : [versions],
    }) as BuilderCall;
  }
  if (/maze/i.test(folder)) {
    return call('maze', { aug: versions === undefined ? undefined : [] }) as BuilderCall;
  }
  const arc = /arc-?([12]?)/i.exec(folder);
  if (arc === null) return undefined;
  const second = arc[1] === '2';
  return call('arc', {
    'input-file-prefix': ['kaggle/combined/arc-agi'],
    subsets: second
      ? ['training2', 'evaluation2', 'concept']
      : ['training', 'evaluation', 'concept'],
    'test-set-name': [second ? 'evaluation2' : 'evaluation'],
    'num-aug': versions === undefined ? undefined : [versions],
  }) as BuilderCall;
}

/** @returns what is solved, where that is known. */
export function carryDatasets(
  paths: readonly unknown[],
  calls: readonly BuilderCall[],
  draft: Draft,
): Builder['task'] | undefined {
  const [path, ...more] = paths.map(String);
  for (const other of more) {
    draft.note(`data_paths: ${other}`, 'a pipeline builds one dataset; make a second pipeline');
  }
  const used = calls.find(({ given }) => samePath(given['output-dir']?.[0], path)) ?? calls[0];
  for (const call of calls) {
    if (call !== used) draft.note(call.builder.command, 'a pipeline builds one dataset');
  }
  if (used !== undefined) {
    noteUnknownOptions(used, draft);
    used.builder.carry(used.given, draft);
    return used.builder.task;
  }
  if (path === undefined) return undefined;
  const guess = fromName(path.split('/').at(-1)!);
  if (guess !== undefined) {
    guess.builder.carry(guess.given, draft);
    draft.note(
      `data_paths: ${path}`,
      'its builder’s command was not given: the options under build are read from its name, check them',
    );
    return guess.builder.task;
  }
  draft.set('build.dataset.use', 'reference-folder', 'data_paths');
  draft.set('build.dataset.path', path, 'data_paths');
  return undefined;
}

function noteUnknownOptions({ builder, given }: BuilderCall, draft: Draft): void {
  for (const option of Object.keys(given)) {
    if (!Object.hasOwn(builder.options, option)) {
      draft.note(`--${option}`, `not an option of ${builder.command}`);
    }
  }
}

function samePath(a: string | undefined, b: string | undefined): boolean {
  const plain = (path: string | undefined) => path?.replace(/\/+$/, '').replace(/^\.\//, '');
  return a !== undefined && plain(a) === plain(b);
}
