/**
 * What an op is: one object that has everything the compiler must know of it.
 *
 * `defineOp` takes every part or does not compile. A target that cannot express the op says so, and why,
 * by `notSupported`.
 */
import { InternalError } from '@eddy/tensor/errors';

import type { Elements, Evaluation } from './elements.ts';
import type { OnnxWriter } from './onnx.ts';
import { demand } from './rules.ts';
import type { StablehloWriter } from './stablehlo.ts';
import type { Compact, InstructionBuilder, Slot } from './tensorflow.ts';
import type { AnyNode, Value, ValueSpec } from './value.ts';

/** Attributes of an op that has none. */
export type NoAttrs = Record<never, never>;

/** A node of an op with attributes `A`. */
export interface OpNode<A> extends AnyNode {
  readonly attrs: A & object;
}

/** Says that a target cannot express an op. Ends the sentence "… is not supported, because". */
export interface NotSupported {
  readonly because: string;
}

export function notSupported(because: string): NotSupported {
  return { because };
}

/** The type of an op's attributes: `attrs: attributes<{ axis: number }>()`. */
export interface Attributes<A> {
  readonly type?: A;
}

export function attributes<A = NoAttrs>(): Attributes<A> {
  return {};
}

/**
 * Where a compiler that fuses has the result.
 *
 * - `stored`: in memory, because a kernel of its own wrote it or it is a literal.
 * - `moved`: with the operands, whose elements it hands on at other places.
 * - `computed`: nowhere; each user computes it again, unless it is asked to be stored.
 */
export type Storage = 'stored' | 'moved' | 'computed';

/** Names of operands or results in order, or `'any'` number of them. */
type Names = readonly string[] | 'any';
/** One `T` for each name. */
export type PerName<N extends Names, T> = N extends readonly string[]
  ? { readonly [I in keyof N]: T }
  : readonly T[];
/** What a part returns: just the result where there is one. */
type Results<N extends Names, T> = N extends readonly [string] ? T : readonly T[];

interface TypedNode<In extends Names, A, Out extends Names> extends OpNode<A> {
  readonly inputs: PerName<In, Value>;
  readonly outputs: PerName<Out, Value>;
}

/** The parts of an op. `In` and `Out` name its operands and results, `A` are its attributes. */
export interface OpParts<In extends Names, A, Out extends Names> {
  /** Names of the operands, in order; `'any'` where their number is open. */
  readonly operands: In;
  readonly attrs: Attributes<A>;
  /** Names of the results, where there is not just one. */
  readonly results?: Out;
  /**
   * The shape rule: from operands and attributes to results.
   *
   * @throws InvalidNodeError (by `demand`) that names the rule which they break.
   */
  readonly infer: (inputs: PerName<In, ValueSpec>, attrs: A) => Results<Out, ValueSpec>;
  readonly storage: Storage;
  /** Whether each element of the result depends on the elements at its place alone. */
  readonly elementWise: boolean;
  /**
   * The number that every element of the result has where every operand's elements are one number, in the
   * operands' order; undefined where there is none. Left out where a literal is not worth the trouble.
   */
  readonly splat?: (node: TypedNode<In, A, Out>, numbers: readonly number[]) => number | undefined;
  /** Floating point operations in matrix products; a multiply and an add count as two. */
  readonly flops: (node: TypedNode<In, A, Out>) => number;
  /** What the op means: elements of the results from those of the operands. */
  readonly interpret:
    | NotSupported
    | ((
        node: TypedNode<In, A, Out>,
        inputs: PerName<In, Elements>,
        evaluation: Evaluation,
      ) => Results<Out, Elements>);
  /** Writes its text; defines all results. */
  readonly stablehlo: NotSupported | ((node: TypedNode<In, A, Out>, w: StablehloWriter) => void);
  /** Appends its nodes and returns the names of the results. `inputs` are the operands' names. */
  readonly onnx:
    | NotSupported
    | ((
        node: TypedNode<In, A, Out>,
        inputs: PerName<In, string>,
        w: OnnxWriter,
      ) => Results<Out, string> | NotSupported);
  /** Appends its instructions and returns where the results are. */
  readonly tensorflow:
    | NotSupported
    | ((
        node: TypedNode<In, A, Out>,
        b: InstructionBuilder,
      ) => Results<Out, Slot | Compact> | NotSupported);
}

/** An op as the compiler uses it: any number of operands and results, everything in lists. */
export interface Op<A = never, Out extends Names = Names> {
  readonly results: Out;
  readonly storage: Storage;
  readonly elementWise: boolean;
  /** @throws InvalidNodeError */
  readonly infer: (inputs: readonly ValueSpec[], attrs: A) => readonly ValueSpec[];
  readonly splat: (node: OpNode<A>, numbers: readonly number[]) => number | undefined;
  readonly flops: (node: OpNode<A>) => number;
  /** This and the targets: @throws UnsupportedOpError */
  readonly interpret: (
    node: OpNode<A>,
    inputs: readonly Elements[],
    evaluation: Evaluation,
  ) => readonly Elements[];
  readonly stablehlo: (node: OpNode<A>, w: StablehloWriter) => void;
  readonly onnx: (node: OpNode<A>, w: OnnxWriter) => readonly string[];
  readonly tensorflow: (node: OpNode<A>, b: InstructionBuilder) => readonly Compact[];
}

/** The attributes of an op's definition. */
export type AttrsOf<O> = O extends { readonly infer: (inputs: never, attrs: infer A) => unknown }
  ? A
  : never;

/** Defines an op. Its name is that of the constant, which a file of `ops/` exports. */
export function defineOp<
  const In extends Names,
  A = NoAttrs,
  const Out extends Names = readonly ['result'],
>(parts: OpParts<In, A, Out>): Op<A, Out> {
  const { operands, results = ['result'], splat } = parts;
  const typed = (node: OpNode<A>) => node as TypedNode<In, A, Out>;
  const listed = <T>(result: Results<Out, T>): readonly T[] =>
    (results.length === 1 ? [result] : result) as readonly T[];
  return {
    results: results as Out,
    storage: parts.storage,
    elementWise: parts.elementWise,
    infer(inputs, attrs) {
      const isFixed = typeof operands !== 'string';
      demand(
        !isFixed || inputs.length === operands.length,
        `takes ${operands.length} operand(s), got ${inputs.length}`,
      );
      return listed(parts.infer(inputs as PerName<In, ValueSpec>, attrs));
    },
    splat: (node, numbers) => splat?.(typed(node), numbers),
    flops: (node) => parts.flops(typed(node)),
    interpret(node, inputs, evaluation) {
      const part = supported(parts.interpret, node, 'the interpreter');
      return listed(part(typed(node), inputs as PerName<In, Elements>, evaluation));
    },
    stablehlo(node, w) {
      supported(parts.stablehlo, node, 'StableHLO')(typed(node), w);
    },
    onnx(node, w) {
      const names = node.inputs.map((input) => w.name(input)) as unknown as PerName<In, string>;
      const result = supported(parts.onnx, node, 'ONNX')(typed(node), names, w);
      return listed(supported<Results<Out, string>>(result, node, 'ONNX'));
    },
    tensorflow(node, b) {
      const result = supported(parts.tensorflow, node, 'TensorFlow')(typed(node), b);
      const made = listed(supported<Results<Out, Slot | Compact>>(result, node, 'TensorFlow'));
      return made.map((kept, i) =>
        typeof kept === 'number' ? { slot: kept, shape: node.outputs[i]!.shape } : kept,
      );
    },
  };
}

/** A target was given a node that its part of the op's definition excludes. */
export class UnsupportedOpError extends InternalError {
  readonly op: string;
  readonly because: string;

  constructor({ op }: AnyNode, target: string, because: string) {
    super(`${op} is not supported by ${target}, because ${because}`);
    this.name = 'UnsupportedOpError';
    this.op = op;
    this.because = because;
  }
}

function supported<T>(part: T | NotSupported, node: AnyNode, target: string): T {
  if (isNotSupported(part)) throw new UnsupportedOpError(node, target, part.because);
  return part;
}

function isNotSupported(part: unknown): part is NotSupported {
  return typeof part === 'object' && part !== null && 'because' in part;
}
