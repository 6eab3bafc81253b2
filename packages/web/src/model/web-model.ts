/** The form in which a page gets a model: a header that is JSON, and bytes that its tensors lie in. */
import type { Block, Instruction } from '@eddy/compiler/tensorflow';

export const WEB_MODEL_FORMAT = 1;

export interface WebModel {
  readonly header: WebModelHeader;
  /** Little-endian; tensors begin at multiples of 4. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface WebModelHeader {
  readonly format: typeof WEB_MODEL_FORMAT;
  readonly program: PackedBlock;
  /** Name of each input of the program: `inputs`, `restart`, `parameters/…`, `carry/…`. */
  readonly arguments: readonly string[];
  /** Name of each result: `carry/…`, `outputs/…`. */
  readonly results: readonly string[];
  /** Weights and the first carry, by argument. */
  readonly tensors: Readonly<Record<string, PackedTensor>>;
  readonly about: ModelFacts;
}

export type WebDType = 'float32' | 'int32' | 'bool';

export interface PackedTensor {
  readonly shape: readonly number[];
  readonly dtype: WebDType;
  /** Elements written out, one number for all, or the place of the elements in the bytes. */
  readonly data: readonly number[] | { readonly fill: number } | { readonly offset: number };
}

export interface PackedConstant extends PackedTensor {
  readonly slot: number;
}

/** `Block` of the compiler with packed constants. */
export interface PackedBlock extends Omit<Block, 'constants' | 'instructions'> {
  readonly constants: readonly PackedConstant[];
  readonly instructions: readonly PackedInstruction[];
}

export type PackedInstruction =
  | Extract<Instruction, { kind: 'op' }>
  | (Omit<Extract<Instruction, { kind: 'loop' }>, 'body'> & { readonly body: PackedBlock });

/** What the page tells of the model, and what it needs to ask it. */
export interface ModelFacts {
  /** Name of the pipeline. */
  readonly name: string;
  readonly task: string;
  readonly grid: { readonly rows: number; readonly cols: number };
  readonly vocabSize: number;
  readonly seqLen: number;
  /** Supervision steps of the training. */
  readonly steps: number;
  /** True for a model that says when it judges its answer correct. */
  readonly halts: boolean;
  /** Tokens of a solution that are not compared; padding, where it is not part of the answer. */
  readonly notScored: number | null;
  /** Identifier to ask with where none is chosen. */
  readonly blankIdentifier: number;
  /** Identifiers that the page has rows for, by name; empty in a model without a puzzle embedding. */
  readonly identifiers: readonly NamedIdentifier[];
  readonly model: string;
  readonly parameters: number;
  /** Lines for "About this model": what it was trained on, with what result. */
  readonly details: readonly (readonly [label: string, text: string])[];
  readonly eddyVersion: string;
  readonly examples: readonly WebExample[];
}

export interface NamedIdentifier {
  readonly name: string;
  readonly id: number;
}

/** A puzzle of the dataset, in tokens. */
export interface WebExample {
  readonly name: string;
  readonly input: readonly number[];
  readonly label?: readonly number[];
  readonly identifier?: number;
}

const VIEWS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Returns the elements of a packed tensor. */
export function elementsOf(
  { shape, dtype, data }: PackedTensor,
  bytes: Uint8Array<ArrayBuffer>,
): Float32Array | Int32Array | Uint8Array {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const View = VIEWS[dtype];
  if (isListed(data)) return View.from(data);
  if ('fill' in data) return new View(size).fill(data.fill);
  return new View(bytes.buffer, bytes.byteOffset + data.offset, size).slice();
}

function isListed(data: PackedTensor['data']): data is readonly number[] {
  return Array.isArray(data);
}

/** Returns the instructions of a packed block with their constants. */
export function unpackBlock(packed: PackedBlock, bytes: Uint8Array<ArrayBuffer>): Block {
  return {
    ...packed,
    constants: packed.constants.map((constant) => ({
      slot: constant.slot,
      shape: constant.shape,
      dtype: constant.dtype,
      data: elementsOf(constant, bytes),
    })),
    instructions: packed.instructions.map((instruction) =>
      instruction.kind === 'op'
        ? instruction
        : { ...instruction, body: unpackBlock(instruction.body, bytes) },
    ),
  };
}
