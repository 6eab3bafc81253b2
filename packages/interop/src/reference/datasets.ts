/** `data_paths`: the builder's command that made the folder, or what its name tells. */
import { BUILDERS, type Builder, type BuilderOptions } from './builders.ts';
import { Draft } from './draft.ts';

/** A builder's command line. */
export interface BuilderCall {
  readonly builder: Builder;
  readonly given: BuilderOptions;
}

/** A folder that is there, as its metadata tell. */
export interface FoundFolder {
  readonly task: Builder['task'] | undefined;
}

export interface DataPlaces {
  readonly calls: readonly BuilderCall[];
  /** Folders that programs make which are not the reference's builders → those programs. */
  readonly madeByOthers: ReadonlyMap<string, string>;
  /** A dataset folder on this machine; undefined where there is none. */
  readonly lookUp: (folder: string) => FoundFolder | undefined;
}

/** Names as the two READMEs have them, and no others: a folder of another name holds something else. */
const NAMES: readonly (readonly [RegExp, (match: RegExpExecArray) => BuilderCall])[] = [
  [
    /^sudoku-extreme(?:-full|-(?<thousands>\d+)k)?(?:-aug-(?<versions>\d+))?$/,
    ({ groups }) =>
      call('sudoku', {
        'subsample-size': groups!['thousands'] && [`${groups!['thousands']}000`],
        'num-aug': groups!['versions'] && [groups!['versions']],
      }),
  ],
  [
    /^maze-30x30-hard-1k(?<aug>-aug(?:-8)?)?$/,
    ({ groups }) => call('maze', { aug: groups!['aug'] && [] }),
  ],
  [
    /^arc(?<generic>-aug|(?:-?(?<edition>[12])(?<concept>concept)?)-aug)-(?<versions>\d+)$/,
    ({ groups }) => {
      const second = groups!['edition'] === '2';
      const concept = groups!['concept'] !== undefined || groups!['edition'] === undefined;
      const own = second ? ['training2', 'evaluation2'] : ['training', 'evaluation'];
      return call('arc', {
        'input-file-prefix': ['kaggle/combined/arc-agi'],
        subsets: concept ? [...own, 'concept'] : own,
        'test-set-name': [second ? 'evaluation2' : 'evaluation'],
        'num-aug': [groups!['versions']!],
      });
    },
  ],
];

function call(
  task: Builder['task'],
  given: Readonly<Record<string, readonly string[] | string | undefined>>,
): BuilderCall {
  const lists = Object.entries(given).filter(([, values]) => Array.isArray(values));
  return {
    builder: BUILDERS.find((builder) => builder.task === task)!,
    given: Object.fromEntries(lists) as BuilderOptions,
  };
}

/** sudoku-extreme-1k-aug-1000, maze-30x30-hard-1k, arc1concept-aug-1000, arc-2-aug-1000 … */
function fromName(folder: string): BuilderCall | undefined {
  for (const [pattern, make] of NAMES) {
    const match = pattern.exec(folder);
    if (match !== null) return make(match);
  }
  return undefined;
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
  places: DataPlaces,
  draft: Draft,
): CarriedData {
  const folders = paths.map((folder) => String(folder).replace(/(?<=[^/])\/+$/, ''));
  const { calls } = places;
  const used = folders.map((folder) => callOf(folder, folders.length, places));
  for (const call of calls) {
    if (!used.includes(call)) {
      const folder = call.given['output-dir']?.[0];
      const what = folder === undefined ? call.builder.command : `${call.builder.command} → ${folder}`; // prettier-ignore
      draft.note(what, 'the training does not read its folder');
    }
  }
  if (folders.length < 2) {
    const task = folders.map((folder, i) => carryDataset(folder, used[i], places, draft))[0];
    return { task, testSplits: [] };
  }
  return combine(folders, used, places, draft);
}

/** The command that made the folder: the one that names it, or else writes there by default. */
function callOf(
  folder: string,
  numFolders: number,
  { calls, madeByOthers }: DataPlaces,
): BuilderCall | undefined {
  const outputOf = ({ given, builder }: BuilderCall) =>
    given['output-dir']?.[0] ?? builder.defaultOutput;
  const named = calls.find((call) => samePath(outputOf(call), folder));
  const isElsewhere = numFolders > 1 || isMadeBy(folder, madeByOthers) !== undefined;
  if (named !== undefined || isElsewhere || calls.length !== 1) return named;
  // One builder alone that names no folder is the training's.
  return calls[0]!.given['output-dir'] === undefined ? calls[0] : undefined;
}

function isMadeBy(folder: string, madeByOthers: DataPlaces['madeByOthers']): string | undefined {
  return [...madeByOthers].find(([made]) => samePath(made, folder))?.[1];
}

function combine(
  folders: readonly string[],
  calls: readonly (BuilderCall | undefined)[],
  places: DataPlaces,
  draft: Draft,
): CarriedData {
  const parts = folders.map((folder, i) => {
    const part = new Draft();
    const task = carryDataset(folder, calls[i], places, part);
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
  { lookUp, madeByOthers }: DataPlaces,
  draft: Draft,
): Builder['task'] | undefined {
  if (call !== undefined) {
    call.builder.carry(call.given, draft);
    return call.builder.task;
  }
  const found = lookUp(folder);
  const program = isMadeBy(folder, madeByOthers);
  const guess = found === undefined && program === undefined ? fromName(folder.split('/').at(-1)!) : undefined; // prettier-ignore
  if (guess !== undefined) {
    guess.builder.carry(guess.given, draft);
    draft.note(
      `data_paths: ${folder}`,
      'it is not here, and its builder’s command was not given: the options under build are those of this name in the README, check them',
    );
    return guess.builder.task;
  }
  draft.set('build.dataset.use', 'reference-folder', 'data_paths');
  draft.set('build.dataset.folder', folder, 'data_paths');
  if (found === undefined) {
    draft.note(
      `data_paths: ${folder}`,
      program === undefined
        ? 'it is not here yet: the pipeline reads the folder that a builder of the reference wrote'
        : `${program} makes it, which is not a builder of the reference: run it there, the pipeline reads the folder`,
    );
  }
  return found?.task;
}

/** True for two ways to write one path. */
export function samePath(a: string | undefined, b: string | undefined): boolean {
  const plain = (path: string | undefined) => path?.replace(/\/+$/, '').replace(/^\.\//, '');
  return a !== undefined && plain(a) === plain(b);
}
