/** `data_paths`: the builder's command that made the folder, or what its name tells. */
import { BUILDERS, type Builder, type BuilderOptions } from './builders.ts';
import { Draft } from './draft.ts';

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

export interface CarriedData {
  /** What is solved, where that is known. */
  readonly task: Builder['task'] | undefined;
  /** Splits to evaluate on, where there is more than `test`. */
  readonly testSplits: readonly string[];
}

/** One folder is a dataset; several are `combined`, each with a test split of its own. */
export function carryDatasets(
  paths: readonly unknown[],
  calls: readonly BuilderCall[],
  draft: Draft,
): CarriedData {
  const folders = paths.map(String);
  const used = folders.map((folder) => callOf(folder, folders.length, calls));
  for (const call of calls) {
    if (!used.includes(call)) {
      draft.note(call.builder.command, 'the training does not read its folder');
    }
  }
  if (folders.length < 2) {
    const task = folders.map((folder, i) => carryDataset(folder, used[i], draft))[0];
    return { task, testSplits: [] };
  }
  return combine(folders, used, draft);
}

/** The command that made the folder; one alone needs no `--output-dir`. */
function callOf(
  folder: string,
  numFolders: number,
  calls: readonly BuilderCall[],
): BuilderCall | undefined {
  const named = calls.find(({ given }) => samePath(given['output-dir']?.[0], folder));
  return named ?? (numFolders === 1 ? calls[0] : undefined);
}

function combine(
  folders: readonly string[],
  calls: readonly (BuilderCall | undefined)[],
  draft: Draft,
): CarriedData {
  const parts = folders.map((folder, i) => {
    const part = new Draft();
    const task = carryDataset(folder, calls[i], part);
    for (const { what, why } of part.notes) draft.note(what, why);
    const { build, augment } = part.value as Partial<Record<string, Record<string, unknown>>>;
    return { folder, task, dataset: build!['dataset'] as { use: string }, augment };
  });
  draft.set('build.dataset.use', 'combined', 'data_paths');
  draft.set(
    'build.dataset.datasets',
    parts.map(({ dataset }) => dataset),
    'mixed in every epoch; there one after another',
  );
  carryAugmentation(parts, draft);
  const uses = parts.map(({ dataset }) => dataset.use);
  const tasks = new Set(parts.map(({ task }) => task));
  return { task: tasks.size === 1 ? parts[0]!.task : undefined, testSplits: splitsOf(uses) };
}

/** The names that `combined` gives: test-maze, test-maze-2. */
function splitsOf(uses: readonly string[]): string[] {
  return uses.map((use, i) => {
    const before = uses.slice(0, i).filter((other) => other === use).length;
    return before === 0 ? `test-${use}` : `test-${use}-${before + 1}`;
  });
}

/** A pipeline augments all of its data, or none. */
function carryAugmentation(
  parts: readonly { readonly folder: string; readonly augment: unknown }[],
  draft: Draft,
): void {
  const texts = parts.map(({ augment }) => JSON.stringify(augment));
  const chosen = parts.find(({ augment }) => augment !== undefined);
  if (chosen === undefined) return;
  const { augmentation } = chosen.augment as { augmentation: Record<string, unknown> };
  for (const [option, value] of Object.entries(augmentation)) {
    draft.set(`augment.augmentation.${option}`, value, `of ${chosen.folder}`);
  }
  for (const [i, text] of texts.entries()) {
    if (text === JSON.stringify(chosen.augment)) continue;
    draft.note(
      `data_paths: ${parts[i]!.folder}`,
      `it was augmented otherwise than ${chosen.folder}; a pipeline augments all its data alike`,
    );
  }
}

function carryDataset(
  folder: string,
  call: BuilderCall | undefined,
  draft: Draft,
): Builder['task'] | undefined {
  if (call !== undefined) {
    noteUnknownOptions(call, draft);
    call.builder.carry(call.given, draft);
    return call.builder.task;
  }
  const guess = fromName(folder.split('/').at(-1)!);
  if (guess !== undefined) {
    guess.builder.carry(guess.given, draft);
    draft.note(
      `data_paths: ${folder}`,
      'its builder’s command was not given: the options under build are read from its name, check them',
    );
    return guess.builder.task;
  }
  draft.set('build.dataset.use', 'reference-folder', 'data_paths');
  draft.set('build.dataset.folder', folder, 'data_paths');
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
