/** The answers of a run's model to puzzles: `pipeline predict`. */
import { resolve } from 'node:path';

import type { Observable } from 'rxjs';

import type { WhichCheckpoint } from '../checkpoint/find-checkpoint.ts';
import { resolveConfig } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import type { ParsedPuzzles, DatasetMetadata, DatasetSource } from '../contracts/dataset.ts';
import { rowAt, sizesOf, versionedSplit } from '../data/versioned-split.ts';
import type { Model } from '../contracts/model.ts';
import { EddyError } from '@eddy/tensor/errors';
import { think, type Puzzle, type Thought } from '../evaluate/think.ts';
import { callHook } from '../plugin/hook.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { RunEvent } from '../contracts/events.ts';
import type { StopSignal } from '../contracts/services.ts';
import { requireWeights } from '../train/weights/initial-weights.ts';
import {
  readWeights,
  type StoredWeights,
  type WeightsKind,
} from '../train/weights/stored-weights.ts';
import { builtDataset } from './build-dataset.ts';
import { exampleMissing, identifierUnknown, puzzleTextUnknown } from './errors.ts';
import { withOpenPipeline, type OpenPipeline } from './open-pipeline.ts';
import { pipelineFileOf } from './pipeline-of-weights.ts';
import { modelFor, numIdentifiersOf } from './stored-model.ts';

export interface PredictOptions {
  /** Folder of a run or checkpoint, or a safetensors file. */
  readonly from: string;
  readonly weights?: WeightsKind;
  /** Where the model is described, when `from` lies in no run. */
  readonly pipeline?: string;
  readonly overrides?: readonly string[];
  readonly puzzle:
    | {
        readonly text: string;
        /** For errors. */
        readonly source: string;
        /** Name of the identifier to ask with, one that was trained; the blank one by default. */
        readonly identifier?: string;
      }
    | { readonly split: string; readonly example: number };
  /** Of a run with several trainings: whose checkpoint; the last one's by default. */
  readonly stage?: string | undefined;
  /** Of a run: the last checkpoint (default) or the best one. */
  readonly which?: WhichCheckpoint | undefined;
  /** The weights may be used in a model that is not the one they were trained in. */
  readonly allowOtherModel?: boolean | undefined;
  /** Supervision steps; as in training by default. */
  readonly steps?: number;
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
  readonly stop?: StopSignal;
  readonly onEvents?: (events$: Observable<RunEvent>) => void;
}

export interface Prediction {
  readonly weights: Pick<StoredWeights, 'path' | 'step' | 'averaged'>;
  readonly engine: string;
  readonly task: string;
  readonly grid: { readonly rows: number; readonly cols: number };
  readonly input: Uint8Array;
  /** Cells of the last answer that differ from the label, where there is one. */
  readonly mistakes?: readonly number[];
  readonly thoughts: readonly Thought[];
  /** What is wrong with the last answer; undefined when nobody can tell. */
  readonly violations: readonly string[] | undefined;
  /** Tokens as text; undefined when the dataset has none. */
  readonly format: ((tokens: Uint8Array) => string) | undefined;
}

/**
 * Asks the model of a checkpoint: one answer, or one for each puzzle of the text.
 *
 * @throws CHECKPOINT_NOT_FOUND, PIPELINE_OF_WEIGHTS_UNKNOWN, PUZZLE_INVALID, PUZZLE_TEXT_UNKNOWN,
 * IDENTIFIER_UNKNOWN, EXAMPLE_MISSING, TRAINING_UNKNOWN, BEST_UNKNOWN, MODEL_DIFFERS, WEIGHTS_MISMATCH
 */
export async function predictPuzzles(options: PredictOptions): Promise<readonly Prediction[]> {
  const bus = createEventBus();
  options.onEvents?.(bus.events$);
  const warn = (text: string) => bus.emit({ type: 'message', level: 'warning', text });
  const weights = await readWeights(options.from, options.weights ?? 'average', {
    warn,
    stage: options.stage,
    which: options.which,
  });
  const { builtin, settings } = options;
  const file = options.pipeline ?? (await pipelineFileOf(weights.path));
  const pipeline = await resolveConfig(file, options.overrides ?? [], { builtin, settings });
  const { stop } = options;
  const runFolder = resolve(settings.cacheFolder, 'no-run');
  return withOpenPipeline({ pipeline, bus, stop, runFolder }, async (context) => {
    const { source, dataset, metadata, model } = await modelFor(pipeline, context.container, {
      weights,
      numIdentifiers: numIdentifiersOf(weights),
      allowed: options.allowOtherModel === true,
      say: (level, text) => bus.emit({ type: 'message', level, text }),
    });
    const hook = <T>(name: string, call: () => T) => callHook(dataset, name, call);
    const { puzzle } = options;
    const asked =
      'text' in puzzle
        ? puzzlesOfText(puzzle, { source, hook, weights, metadata, warn })
        : [await exampleOf(puzzle, context, { weights, model, warn })];
    requireWeights(model, weights);
    const engine = await context.engines.get();
    const steps = options.steps ?? model.maxSteps;
    const thoughts = await think(engine, model, weights.tree, asked, steps);
    return asked.map(({ input, label }, i) => {
      const answer = thoughts[i]!.at(-1)!.preds;
      return {
        weights,
        engine: engine.info.description,
        task: metadata.task,
        grid: metadata.grid,
        input,
        thoughts: thoughts[i]!,
        ...(label && { mistakes: mistakesIn(answer, label, metadata) }),
        violations: hook('violations', () => source.violations?.(input, answer)),
        format: source.format && ((tokens) => hook('format', () => source.format!(tokens))),
      };
    });
  });
}

interface LabelledPuzzle extends Puzzle {
  readonly label?: Uint8Array;
}

/** Says what of the text the model is not given. */
function puzzlesOfText(
  { text, source: at, identifier: name }: Extract<PredictOptions['puzzle'], { text: string }>,
  context: {
    readonly source: DatasetSource;
    readonly hook: <T>(name: string, call: () => T) => T;
    readonly weights: StoredWeights;
    readonly metadata: DatasetMetadata;
    readonly warn: (text: string) => void;
  },
): readonly LabelledPuzzle[] {
  const { source, hook, weights, metadata, warn } = context;
  if (source.parse === undefined) throw puzzleTextUnknown(metadata.task);
  const { puzzles, notes = [] } = parsed(at, () => hook('parse', () => source.parse!(text)));
  for (const note of notes) warn(note);
  const { blankIdentifierId, numPuzzleIdentifiers } = metadata;
  if (name === undefined && numPuzzleIdentifiers > 1) {
    warn(
      `using the blank identifier, which no training puzzle had; the model knows  ` +
        `${numPuzzleIdentifiers - 1} others: --identifier NAME`,
    );
  }
  const identifier =
    name === undefined ? blankIdentifierId : identifierNamed(name, weights.identifiers);
  return puzzles.map((puzzle) => ({ ...puzzle, identifier }));
}

function parsed(at: string, parse: () => ParsedPuzzles): ParsedPuzzles {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof EddyError)) throw error;
    throw new EddyError({ ...error.facts, at: `${at}:${error.facts.at ?? '1:1'}` });
  }
}

function identifierNamed(name: string, known: readonly string[] | undefined): number {
  const identifier = known?.indexOf(name) ?? -1;
  if (identifier === -1) throw identifierUnknown(name, known);
  return identifier;
}

async function exampleOf(
  { split: name, example: index }: { readonly split: string; readonly example: number },
  context: OpenPipeline,
  { weights, model, warn }: { weights: StoredWeights; model: Model; warn: (text: string) => void },
): Promise<LabelledPuzzle> {
  const dataset = await builtDataset(context);
  const versioned = versionedSplit(await dataset.open(name), dataset.augmentation);
  const { numExamples } = sizesOf(versioned);
  if (index >= numExamples) throw exampleMissing(name, index, numExamples);
  const row = rowAt(versioned, index);
  const { input, label } = versioned.example(row);
  const own = versioned.identifier(row.puzzle, row.version);
  const identifier =
    Object.keys(model.tables).length === 0
      ? own
      : rowOfWeights(own, await dataset.identifiers(), weights, warn);
  return { input: input.slice(), label: label.slice(), identifier };
}

/**
 * The row of the embedding that belongs to an identifier of the data: data may have changed since the training, and
 * then the same index is another task.
 *
 * @throws IDENTIFIER_UNKNOWN
 */
export function rowOfWeights(
  identifier: number,
  names: readonly string[],
  { path, identifiers: known }: Pick<StoredWeights, 'path' | 'identifiers'>,
  warn: (text: string) => void,
): number {
  if (known === undefined) {
    warn(
      `${path} does not record the identifiers of its puzzle embedding: rows are matched by index`,
    );
    return identifier;
  }
  const name = names[identifier] ?? `number ${identifier}`;
  return name === known[identifier] ? identifier : identifierNamed(name, known);
}

function mistakesIn(
  answer: Uint8Array,
  label: Uint8Array,
  { ignoreLabelId }: DatasetMetadata,
): number[] {
  return [...label.keys()].filter(
    (cell) => label[cell] !== ignoreLabelId && label[cell] !== answer[cell],
  );
}
