/** From the reference's commands, or a run's `all_config.yaml`, to a pipeline file. */
import { OverrideSyntaxError } from '@eddy/core';

import { referenceCommandInvalid } from './errors.ts';
import { BUILDERS, readBuilderOptions } from './builders.ts';
import { composeDump, composeOverrides, type ReferenceConfig } from './compose.ts';
import { carryDatasets, type BuilderCall } from './datasets.ts';
import { REFERENCE_ARCHS } from './defaults.ts';
import { Draft, type Note, type ReferenceValue } from './draft.ts';
import { evaluateEach } from './evaluators.ts';
import { ARCH_KEYS } from './arch-keys.ts';
import { UNKNOWN_KEY } from './reference-key.ts';
import { ROOT_KEYS } from './root-keys.ts';
import { renderPipeline } from './render.ts';
import { shellStatements, type Statement } from './shell-words.ts';

export interface Translation {
  /** The pipeline file. */
  readonly yaml: string;
  /** What was asked for and is not in it. */
  readonly notes: readonly Note[];
}

const ANOTHER_TRAINING =
  'a pipeline is one training, and this is the last; translate them one by one';

/**
 * Writes the pipeline of a command line of the reference.
 *
 * @param text  overrides alone, `python pretrain.py …`, `torchrun … pretrain.py …`, the builders'
 *   commands, several lines of them: as they stand in its README.
 * @throws REFERENCE_COMMAND_INVALID, REFERENCE_ARCH_UNKNOWN
 */
export function fromReferenceCommands(text: string): Translation {
  const draft = new Draft();
  const calls: BuilderCall[] = [];
  let overrides: readonly string[] | undefined;
  let statements: Statement[];
  try {
    statements = shellStatements(text);
  } catch (error) {
    throw referenceCommandInvalid(text, error as Error);
  }
  for (const { environment, words } of statements) {
    for (const [name, value] of Object.entries(environment)) noteVariable(name, value, draft);
    const script = words.findIndex(
      (word) => /(?:^|[/.])\w+(?:\.py)?$/.test(word) && isScript(word),
    );
    if (script < 0) {
      if (words[0]!.includes('=')) overrides = words;
      else draft.note(words.join(' ').slice(0, 80), 'not a command of the reference');
      continue;
    }
    const rest = words.slice(script + 1);
    const builder = BUILDERS.find(({ module }) => words[script]!.includes(module));
    if (builder !== undefined) calls.push({ builder, given: readBuilderOptions(rest) });
    else {
      if (overrides !== undefined) draft.note(overrides.join(' ').slice(0, 80), ANOTHER_TRAINING);
      overrides = rest;
      noteLauncher(words.slice(0, script), draft);
    }
  }
  let config: ReferenceConfig;
  try {
    config = composeOverrides(overrides ?? []);
  } catch (error) {
    if (!(error instanceof OverrideSyntaxError)) throw error;
    throw referenceCommandInvalid(text, error);
  }
  return translate(config, calls, draft);
}

/**
 * Writes the pipeline of a run, from the `all_config.yaml` in its folder.
 *
 * @throws REFERENCE_DUMP_INVALID, REFERENCE_ARCH_UNKNOWN
 */
export function fromReferenceDump(dump: Readonly<Record<string, ReferenceValue>>): Translation {
  return translate(composeDump(dump), [], new Draft());
}

function isScript(word: string): boolean {
  return /pretrain\.py$/.test(word) || BUILDERS.some(({ module }) => word.includes(module));
}

function translate(
  { arch, values, given, left }: ReferenceConfig,
  calls: readonly BuilderCall[],
  draft: Draft,
): Translation {
  const other = (key: string) => (key === 'arch' ? arch : values.get(key));
  const hasTable = other('arch.puzzle_emb_ndim') !== 0;
  draft.set('name', `reference-${arch.replaceAll('_', '-')}`, 'run_name was not given');
  draft.set('train.model.use', REFERENCE_ARCHS[arch]!.model, `arch=${arch}`);
  draft.set('train.optimizer.use', 'adam-atan2', 'AdamATan2');
  if (hasTable) draft.set('train.rowOptimizer.use', 'sign-sgd', 'CastedSparseEmbeddingSignSGD');
  const paths = values.get('data_paths');
  const folders = Array.isArray(paths) ? (paths as unknown[]) : [paths];
  const { task, testSplits } = carryDatasets(folders, calls, draft);
  for (const [key, value] of values) {
    const isArch = key.startsWith('arch.');
    const name = isArch ? key.slice('arch.'.length) : key;
    const table = isArch ? ARCH_KEYS : ROOT_KEYS;
    const entry = Object.hasOwn(table, name) ? table[name]! : UNKNOWN_KEY;
    const comment = given.has(key) ? key : `${key} (its default)`;
    entry.carry({ draft: hasTable ? draft : withoutRows(draft), key, value, comment, other, task });
  }
  evaluateEach(testSplits, draft);
  for (const word of left) draft.note(word, 'Hydra’s own; a pipeline has no such setting');
  setLoggers(draft, other('project_name'));
  return { yaml: renderPipeline(draft, values, given), notes: draft.notes };
}

/** Without a puzzle embedding there are no rows to train. */
function withoutRows(draft: Draft): Draft {
  const set = draft.set.bind(draft);
  return Object.create(draft, {
    set: {
      value: (path: string, value: unknown, comment: string) => {
        if (!path.startsWith('train.rowOptimizer.')) set(path, value, comment);
      },
    },
    note: { value: draft.note.bind(draft) },
  }) as Draft;
}

function setLoggers(draft: Draft, project: ReferenceValue | undefined): void {
  const wandb =
    typeof project === 'string' && project !== ''
      ? { use: 'wandb-offline', project }
      : 'wandb-offline';
  draft.set('loggers', ['console', wandb, 'report'], 'project_name; wandb sync uploads the run');
}

function noteVariable(name: string, value: string, draft: Draft): void {
  const known: Record<string, string> = {
    DISABLE_COMPILE: 'engine: wasm computes op by op; the default compiles',
    WANDB_MODE: 'the logger wandb-offline never asks and never uploads',
  };
  draft.note(
    `${name}=${value}`,
    known[name] ?? 'an environment variable is not part of a pipeline',
  );
}

/** `torchrun --nproc-per-node 4 …` */
function noteLauncher(words: readonly string[], draft: Draft): void {
  const launcher = words.find((word) => /torchrun$/.test(word));
  if (launcher === undefined) return;
  const at = words.findIndex((word) => /^--nproc[-_]per[-_]node/.test(word));
  const devices = at < 0 ? '1' : (/=(.*)$/.exec(words[at]!)?.[1] ?? words[at + 1] ?? '1');
  if (devices === '1') return;
  draft.note(
    `torchrun --nproc-per-node ${devices}`,
    'one device computes the global batch here; the numbers are the same',
  );
}
