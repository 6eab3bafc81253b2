/** The reference's dataset builders: their options, and what these become here. */
import { commandPartUnknown, keysUnknown, valueInvalid } from './errors.ts';
import type { Draft } from './draft.ts';

export interface BuilderOption {
  readonly default: string;
  readonly meaning: string;
  /** For people: our key, or what stands for it. */
  readonly ours: string;
}

export interface Builder {
  /** As the README calls it. */
  readonly command: string;
  readonly module: string;
  readonly task: 'sudoku' | 'maze' | 'arc';
  /** Where it writes without --output-dir. */
  readonly defaultOutput: string;
  readonly options: Readonly<Record<string, BuilderOption>>;
  readonly carry: (given: BuilderOptions, draft: Draft) => void;
}

/** Values as given; a list has several, a bare flag none. */
export type BuilderOptions = Readonly<Record<string, readonly string[]>>;

const output: BuilderOption = {
  default: 'data/…',
  meaning: 'folder of the dataset',
  ours: 'none: a stage’s result lies under its content key',
};

const hub = (repo: string): BuilderOption => ({
  default: repo,
  meaning: 'data set on the Hugging Face hub',
  ours: 'build.dataset.source.hub.repo',
});

const subsample: BuilderOption = {
  default: 'none',
  meaning: 'train on so many puzzles',
  ours: 'build.dataset.subsampleSize',
};

function one(given: BuilderOptions, option: string): string | undefined {
  return given[option]?.[0];
}

/** @throws REFERENCE_VALUE_INVALID */
function number(given: BuilderOptions, option: string, usual?: string): number | undefined {
  const text = one(given, option) ?? usual;
  if (text === undefined || /^none$/i.test(text)) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw valueInvalid(`--${option}`, 'a whole number', text);
}

function setHub(given: BuilderOptions, draft: Draft): void {
  const repo = one(given, 'source-repo');
  if (repo !== undefined) draft.set('build.dataset.source.hub.repo', repo, '--source-repo');
  const size = number(given, 'subsample-size');
  if (size !== undefined) draft.set('build.dataset.subsampleSize', size, '--subsample-size');
}

const HRM_FOLDERS = ['dataset/raw-data/ARC-AGI/data', 'dataset/raw-data/ConceptARC/corpus'];

/** HRM's builder of that name reads folders with a file a task; TRM's reads combined files. */
function isHrms(given: BuilderOptions): boolean {
  return given['input-file-prefix'] === undefined && given['subsets'] === undefined;
}

/**
 * The test pairs of folders called `evaluation` are the test split.
 *
 * @reference sapientinc/HRM@42410da dataset/build_arc_dataset.py `load_puzzles_arcagi`
 */
function setFolders(roots: readonly string[], draft: Draft): void {
  const folders: Record<string, string> = {};
  for (const [i, root] of roots.entries()) {
    const plain = root.replace(/\/+$/, '');
    if (/concept/i.test(plain)) folders['concept'] = plain;
    else {
      const suffix = i === 0 || folders['training'] === undefined ? '' : String(i + 1);
      folders[`training${suffix}`] = `${plain}/training`;
      folders[`evaluation${suffix}`] = `${plain}/evaluation`;
    }
  }
  const subsets = Object.keys(folders);
  draft.set('build.dataset.source.folders', folders, '--dataset-dirs');
  draft.set('build.dataset.subsets', subsets, '--dataset-dirs');
  const tested = subsets.filter((name) => name.startsWith('evaluation'));
  draft.set('build.dataset.testSubsets', tested, 'folders called evaluation');
}

export const BUILDERS: readonly Builder[] = [
  {
    command: 'python dataset/build_sudoku_dataset.py',
    module: 'build_sudoku_dataset',
    task: 'sudoku',
    defaultOutput: 'data/sudoku-extreme-full',
    options: {
      'source-repo': hub('sapientinc/sudoku-extreme'),
      'output-dir': output,
      'subsample-size': subsample,
      'min-difficulty': {
        default: 'none',
        meaning: 'least rating, in both splits',
        ours: 'build.dataset.minDifficulty',
      },
      'num-aug': {
        default: '0',
        meaning: 'shuffles of each training puzzle',
        ours: 'augment.augmentation.numVersions (sudoku-shuffle)',
      },
    },
    carry: (given, draft) => {
      draft.set('build.dataset.use', 'sudoku', 'build_sudoku_dataset.py');
      setHub(given, draft);
      const difficulty = number(given, 'min-difficulty');
      if (difficulty !== undefined) {
        draft.set('build.dataset.minDifficulty', difficulty, '--min-difficulty');
      }
      const versions = number(given, 'num-aug', '0');
      if (versions !== 0) {
        draft.set('augment.augmentation.use', 'sudoku-shuffle', '--num-aug, made while sampling');
        draft.set('augment.augmentation.numVersions', versions, '--num-aug');
      }
    },
  },
  {
    command: 'python dataset/build_maze_dataset.py',
    module: 'build_maze_dataset',
    task: 'maze',
    defaultOutput: 'data/maze-30x30-hard-1k',
    options: {
      'source-repo': hub('sapientinc/maze-30x30-hard-1k'),
      'output-dir': output,
      'subsample-size': subsample,
      aug: {
        default: 'False',
        meaning: 'the eight symmetries of each training maze',
        ours: 'augment.augmentation: dihedral',
      },
    },
    carry: (given, draft) => {
      draft.set('build.dataset.use', 'maze', 'build_maze_dataset.py');
      setHub(given, draft);
      const augments = given['aug'] !== undefined && !/^(false|0)$/i.test(one(given, 'aug') ?? '');
      if (augments) draft.set('augment.augmentation.use', 'dihedral', '--aug');
    },
  },
  {
    command: 'python -m dataset.build_arc_dataset',
    module: 'build_arc_dataset',
    task: 'arc',
    defaultOutput: 'data/arc-aug-1000',
    options: {
      'input-file-prefix': {
        default: 'required',
        meaning: 'the combined Kaggle files: prefix of their names',
        ours: 'build.dataset.source.combined',
      },
      'output-dir': output,
      subsets: { default: 'required', meaning: 'which of them', ours: 'build.dataset.subsets' },
      'test-set-name': {
        default: 'required',
        meaning: 'the subset whose test pairs are the test split',
        ours: 'build.dataset.testSubsets',
      },
      'test-set-name2': {
        default: 'your_test_set',
        meaning: 'a second one',
        ours: 'build.dataset.testSubsets',
      },
      seed: { default: '42', meaning: 'of order and augmentations', ours: 'build.dataset.seed' },
      'num-aug': {
        default: '1000',
        meaning: 'versions of each task',
        ours: 'augment.augmentation.numVersions',
      },
      'puzzle-identifiers-start': {
        default: '1',
        meaning: 'first identifier',
        ours: 'none: always 1',
      },
      'dataset-dirs': {
        default: 'dataset/raw-data/ARC-AGI/data, …/ConceptARC/corpus',
        meaning: 'HRM: folders with a folder for each subset',
        ours: 'build.dataset.source.folders',
      },
    },
    carry: (given, draft) => {
      draft.set('build.dataset.use', 'arc', 'build_arc_dataset');
      const prefix = one(given, 'input-file-prefix');
      if (prefix !== undefined) {
        draft.set('build.dataset.source.combined', prefix, '--input-file-prefix');
      }
      if (isHrms(given)) setFolders(given['dataset-dirs'] ?? HRM_FOLDERS, draft);
      const { subsets } = given;
      if (subsets !== undefined) draft.set('build.dataset.subsets', subsets, '--subsets');
      const test = [one(given, 'test-set-name'), one(given, 'test-set-name2')].filter(
        (name) => name !== undefined && name !== 'your_test_set',
      );
      if (test.length > 0) draft.set('build.dataset.testSubsets', test, '--test-set-name');
      const versions = number(given, 'num-aug', '1000');
      if (versions !== 0) {
        draft.set('augment.augmentation.use', 'arc-transform', '--num-aug, made while sampling');
        draft.set('augment.augmentation.numVersions', versions, '--num-aug');
      }
      const seed = number(given, 'seed');
      if (seed !== undefined) {
        draft.set('build.dataset.seed', seed, '--seed; NumPy’s draws are others');
      }
      const start = one(given, 'puzzle-identifiers-start');
      if (start !== undefined && start !== '1') {
        draft.note(`--puzzle-identifiers-start ${start}`, 'identifiers begin at 1 here');
      }
    },
  },
];

/**
 * Options of argdantic: `--name value …`, `--name=value`, `--flag`, `--no-flag`.
 *
 * @throws REFERENCE_KEY_UNKNOWN, REFERENCE_COMMAND_INVALID
 */
export function readBuilderOptions(
  builder: Builder,
  words: readonly string[],
  place: string,
): BuilderOptions {
  const given: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  let values: string[] | undefined;
  for (const word of words) {
    const match = /^--(no-)?([a-z][\w-]*)(?:=(.*))?$/is.exec(word);
    if (match === null) {
      if (values === undefined) {
        const fix = `${builder.command} takes options alone: --output-dir FOLDER …`;
        throw commandPartUnknown(JSON.stringify(word), place, fix);
      }
      values.push(word);
      continue;
    }
    const [, no, name, value] = match;
    values = given[name!.replaceAll('_', '-')] ??= [];
    if (value !== undefined) values.push(value);
    if (no !== undefined) values.push('false');
  }
  const known = Object.keys(builder.options);
  const unknown = Object.keys(given).filter((option) => !known.includes(option));
  if (unknown.length > 0) {
    const keys = unknown.map((option) => ({ key: `--${option}`, why: `no option of ${builder.command}` })); // prettier-ignore
    throw keysUnknown(
      keys,
      known.map((option) => `--${option}`),
    );
  }
  return given;
}
