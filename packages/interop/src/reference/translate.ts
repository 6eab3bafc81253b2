/** From the reference's commands, or a run's `all_config.yaml`, to a pipeline file. */
import { OverrideSyntaxError } from '@eddy/core/config';

import { dataUnclear, keysUnknown, referenceCommandInvalid, repositoryUnclear } from './errors.ts';
import { ScriptProblem } from '../shell/script-problem.ts';
import { ARCH_KEYS } from './arch-keys.ts';
import { composeDump, composeOverrides, repositoryOf, type ReferenceConfig } from './compose.ts';
import { carryDatasets, samePath, type DataPlaces, type FoundFolder } from './datasets.ts';
import { REFERENCE_ARCHS, type Repository } from './defaults.ts';
import { Draft, type Note, type ReferenceValue } from './draft.ts';
import { evaluateEach } from './evaluators.ts';
import { FORK_KEYS, FORK_REASONS } from './fork-keys.ts';
import type { ReferenceKey } from './reference-key.ts';
import { renderPipeline } from './render.ts';
import { ROOT_KEYS } from './root-keys.ts';
import { readCommands, type ReadCommands } from './training-command.ts';

export interface Translation {
  /** The pipeline file. */
  readonly yaml: string;
  /** What was asked for and is not in it. */
  readonly notes: readonly Note[];
}

export interface TranslationOptions {
  /** Which training of the text, from 1; needed where it has several that differ. */
  readonly training?: number | undefined;
  /** A dataset folder on this machine; without it, all are taken as absent. */
  readonly lookUp?: (folder: string) => FoundFolder | undefined;
}

/**
 * Writes the pipeline of a command line of the reference.
 *
 * @param text  overrides alone, `python pretrain.py …`, `torchrun … pretrain.py …`, the builders'
 *   commands, a script, blocks of a README: read as bash would run it.
 * @throws REFERENCE_COMMAND_INVALID, REFERENCE_TRAINING_MISSING, REFERENCE_TRAININGS_SEVERAL,
 *   REFERENCE_VARIABLE_UNSET, REFERENCE_KEY_UNKNOWN, REFERENCE_VALUE_INVALID, REFERENCE_ARCH_UNKNOWN,
 *   REFERENCE_REPOSITORY_UNCLEAR, REFERENCE_DATA_UNCLEAR, REFERENCE_FOLDER_UNREADABLE
 */
export function fromReferenceCommands(text: string, options: TranslationOptions = {}): Translation {
  const draft = new Draft();
  try {
    const commands = readCommands(text, options.training, draft);
    const repository = repositoryOfCommand(commands);
    const config = composeOverrides(commands.overrides, repository);
    const { calls, madeByOthers } = commands;
    const lookUp = options.lookUp ?? (() => undefined);
    return translate(config, { calls, madeByOthers, lookUp }, draft);
  } catch (error) {
    if (error instanceof ScriptProblem || error instanceof OverrideSyntaxError) {
      throw referenceCommandInvalid(text, error);
    }
    throw error;
  }
}

/**
 * Writes the pipeline of a run, from the `all_config.yaml` in its folder.
 *
 * @throws REFERENCE_DUMP_INVALID, REFERENCE_ARCH_UNKNOWN, REFERENCE_KEY_UNKNOWN,
 *   REFERENCE_VALUE_INVALID, REFERENCE_FOLDER_UNREADABLE
 */
export function fromReferenceDump(
  dump: Readonly<Record<string, ReferenceValue>>,
  { lookUp = () => undefined }: TranslationOptions = {},
): Translation {
  const places = { calls: [], madeByOthers: new Map<string, string>(), lookUp };
  return translate(composeDump(dump), places, new Draft());
}

/** Overrides alone are TRM's unless they say otherwise; a bare `python pretrain.py` may be either's. */
function repositoryOfCommand({ overrides, builtFor, source }: ReadCommands): Repository {
  const told = repositoryOf(overrides) ?? builtFor;
  if (told === undefined && source !== undefined) throw repositoryUnclear(source);
  return told ?? 'TRM';
}

function translate(
  { arch, values, given, left }: ReferenceConfig,
  places: DataPlaces,
  draft: Draft,
): Translation {
  refuseUnknownKeys(values);
  const other = (key: string) => (key === 'arch' ? arch : values.get(key));
  const hasTable = other('arch.puzzle_emb_ndim') !== 0;
  draft.set('name', `reference-${arch.replaceAll('_', '-')}`, 'run_name was not given');
  draft.set('train.model.use', REFERENCE_ARCHS[arch]!.model, `arch=${arch}`);
  draft.set('train.optimizer.use', 'adam-atan2', 'AdamATan2');
  if (hasTable) draft.set('train.rowOptimizer.use', 'sign-sgd', 'CastedSparseEmbeddingSignSGD');
  const paths = values.get('data_paths');
  const folders = Array.isArray(paths) ? (paths as unknown[]) : [paths];
  if (!given.has('data_paths')) refuseOtherData(arch, folders, places);
  const { task, testSplits } = carryDatasets(folders, places, draft);
  for (const [key, value] of values) {
    const comment = given.has(key) ? key : `${key} (its default)`;
    const target = hasTable ? draft : withoutRows(draft);
    entryOf(key)!.carry({ draft: target, key, value, comment, other, task });
  }
  evaluateEach(testSplits, draft);
  for (const word of left) draft.note(word, 'Hydra’s own; a pipeline has no such setting');
  setLoggers(draft, other('project_name'));
  return { yaml: renderPipeline(draft), notes: draft.notes };
}

/** A training without a folder reads the reference's own, whatever the text built: which is meant is not known. */
function refuseOtherData(
  arch: string,
  folders: readonly unknown[],
  { calls }: Pick<DataPlaces, 'calls'>,
): void {
  const read = String(folders[0]);
  const made = calls.map((call) => call.given['output-dir']?.[0]);
  if (made.includes(undefined) || made.some((folder) => samePath(folder, read))) return;
  const [call] = calls;
  if (call === undefined) return;
  const key = arch === 'hrm_v1' ? 'data_path' : 'data_paths';
  throw dataUnclear(call.builder.command, made[0]!, { key, read });
}

function entryOf(key: string): ReferenceKey | undefined {
  const isArch = key.startsWith('arch.');
  const name = isArch ? key.slice('arch.'.length) : key;
  const tables = isArch ? [ARCH_KEYS] : [ROOT_KEYS, FORK_KEYS];
  return tables.find((table) => Object.hasOwn(table, name))?.[name];
}

/** The reference refuses such a key, or drops it without a word; a fork means something by it. */
function refuseUnknownKeys(values: ReferenceConfig['values']): void {
  const unknown = [...values.keys()].filter((key) => entryOf(key) === undefined);
  if (unknown.length === 0) return;
  const known = [...Object.keys(ROOT_KEYS), ...Object.keys(ARCH_KEYS).map((key) => `arch.${key}`)];
  const reasons: Readonly<Record<string, string>> = FORK_REASONS;
  throw keysUnknown(
    unknown.map((key) => ({ key, why: Object.hasOwn(reasons, key) ? reasons[key] : undefined })),
    known,
  );
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
