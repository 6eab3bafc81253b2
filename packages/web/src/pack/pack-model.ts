/** A model of any plugin as a page reads it: traced, lowered to instructions, packed with its weights. */
import { onlyNeeded, optimise, trace } from '@eddy/compiler';
import { lowerTensorflow, type Block } from '@eddy/compiler/tensorflow';
import type { DatasetMetadata, Model } from '@eddy/core';
import { evaluationProgram, outputsMissing } from '@eddy/core/training';
import { under } from '@eddy/tensor';
import { EddyError } from '@eddy/tensor/errors';
import { sizeOf, type HostTensor, type HostTree } from '@eddy/tensor/spec';

import {
  WEB_MODEL_FORMAT,
  type ModelFacts,
  type PackedBlock,
  type WebModel,
} from '../model/web-model.ts';
import { webUnsupportedOp } from './errors.ts';
import { keptIdentifiers, type KeptIdentifiers } from './kept-identifiers.ts';
import { TensorBytes } from './tensor-bytes.ts';

/** Outputs that a page reads, where the model has them. */
const OUTPUTS = ['preds', 'q_halt_logits', 'logits'];

export interface PackModelOptions {
  readonly model: Model;
  readonly metadata: DatasetMetadata;
  /** `parameters/…`, `buffers/…`, `tables/…` */
  readonly weights: HostTree;
  /** Names of the rows of tables, where they are known. */
  readonly identifiers: readonly string[] | undefined;
  /** Rows of a table that the page must have; the first rows follow while there is room. */
  readonly wantedIdentifiers?: readonly number[];
  readonly about: Omit<
    ModelFacts,
    | 'task'
    | 'grid'
    | 'vocabSize'
    | 'seqLen'
    | 'steps'
    | 'halts'
    | 'notScored'
    | 'blankIdentifier'
    | 'identifiers'
    | 'parameters'
  >;
}

export interface PackedModel {
  readonly model: WebModel;
  readonly identifiers: KeptIdentifiers;
}

/**
 * Traces a supervision step of a model and packs it with its weights.
 *
 * @throws MODEL_OUTPUT_MISSING, WEB_UNSUPPORTED_OP and what tracing throws
 */
export function packModel(options: PackModelOptions): PackedModel {
  const { model, metadata, weights, identifiers, wantedIdentifiers = [] } = options;
  const { seqLen, vocabSize, task, grid, blankIdentifierId } = metadata;
  if (!model.outputs.includes('preds')) throw outputsMissing(['preds'], model.outputs);
  const outputs = OUTPUTS.filter((name) => model.outputs.includes(name));
  const program = evaluationProgram(model, { batchSize: 1, seqLen }, { outputs });
  const traced = onlyNeeded(
    optimise(trace(program), { precision: 'float32' }),
    outputs.map((name) => `outputs/${name}`),
  );
  const kept = keptIdentifiers({
    weights,
    names: identifiers,
    blank: blankIdentifierId,
    wanted: wantedIdentifiers,
  });
  const bytes = new TensorBytes();
  const values = { ...kept.weights, ...under('carry', model.initialCarry(1)) };
  const tensors = Object.fromEntries(
    traced.arguments.flatMap(({ name }) =>
      values[name] === undefined ? [] : [[name, bytes.add(values[name])] as const],
    ),
  );
  const header = {
    format: WEB_MODEL_FORMAT,
    program: packedBlock(lowered(traced.graph), bytes),
    arguments: traced.arguments.map(({ name }) => name),
    results: traced.results.map(({ name }) => name),
    tensors,
    about: {
      ...options.about,
      task,
      grid,
      vocabSize,
      seqLen,
      steps: model.maxSteps,
      halts: outputs.includes('q_halt_logits'),
      notScored: metadata.ignoreLabelId,
      blankIdentifier: kept.idOf(blankIdentifierId) ?? 0,
      identifiers: kept.named,
      parameters: numParameters(weights),
    },
  } as const;
  return { model: { header, bytes: bytes.joined() }, identifiers: kept };
}

function lowered(graph: Parameters<typeof lowerTensorflow>[0]): Block {
  try {
    return lowerTensorflow(graph);
  } catch (error) {
    if (!(error instanceof EddyError) || error.facts.code !== 'TENSORFLOW_UNSUPPORTED_OP') {
      throw error;
    }
    const because = error.facts.message.replace(/^.*, because /, '');
    throw webUnsupportedOp(error.facts.received ?? 'an operation', because);
  }
}

function packedBlock(block: Block, bytes: TensorBytes): PackedBlock {
  return {
    ...block,
    constants: block.constants.map(({ slot, ...constant }) => ({ slot, ...bytes.add(constant) })),
    instructions: block.instructions.map((instruction) =>
      instruction.kind === 'op'
        ? instruction
        : { ...instruction, body: packedBlock(instruction.body, bytes) },
    ),
  };
}

function numParameters(weights: HostTree): number {
  // As `pipeline plan` and the report count them: buffers and tables are not among them.
  return Object.entries(weights).reduce(
    (sum, [name, { shape }]: [string, HostTensor]) =>
      name.startsWith('parameters/') ? sum + sizeOf(shape) : sum,
    0,
  );
}
