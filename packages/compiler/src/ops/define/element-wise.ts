/** Element-wise ops, of which only the function and its names in each target differ. */
import { stored, type Arithmetic } from './elements.ts';
import type { OnnxWriter } from './onnx.ts';
import {
  attributes,
  defineOp,
  type NoAttrs,
  type NotSupported,
  type Op,
  type OpNode,
} from './op.ts';
import { demand, isFloat } from './rules.ts';
import type { StablehloWriter } from './stablehlo.ts';
import { tensorType } from './stablehlo-text.ts';
import type { Compact, InstructionBuilder } from './tensorflow.ts';
import { sameShape, type GraphDType, type Value, type ValueSpec } from './value.ts';

/** dtypes of the operands: float32 and bfloat16; int32; these three; bool. */
type Takes = 'floats' | 'integers' | 'numbers' | 'bools';

type ScalarFunction = (x: number, y: number) => number;

/** The op's function on elements of one dtype, rounding included; a unary one ignores `y`. */
type ScalarOf = (dtype: GraphDType, arithmetic?: Arithmetic) => ScalarFunction;

/** One operand; the result has its shape and dtype. */
export interface UnaryElementWise extends Op<NoAttrs, readonly ['result']> {
  readonly arity: 1;
  readonly scalar: ScalarOf;
}

/** Two operands of one shape and dtype, which the result has too. */
export interface BinaryElementWise extends Op<NoAttrs, readonly ['result']> {
  readonly arity: 2;
  readonly scalar: ScalarOf;
}

interface Node<Inputs extends readonly Value[]> extends OpNode<NoAttrs> {
  readonly inputs: Inputs;
}

/** For each target the name of its operation, or what it writes, or why it has none. */
interface Targets<Inputs extends readonly Value[], Names extends readonly string[]> {
  readonly stablehlo: string | NotSupported | ((node: Node<Inputs>, w: StablehloWriter) => void);
  readonly onnx:
    string | NotSupported | ((node: Node<Inputs>, names: Names, w: OnnxWriter) => string);
  readonly tensorflow:
    string | NotSupported | ((node: Node<Inputs>, b: InstructionBuilder) => Compact);
}

interface UnaryParts extends Targets<readonly [Value], readonly [string]> {
  readonly takes: Takes;
  /** In float64; the result is rounded to the dtype. */
  readonly meaning: (x: number) => number;
}

interface BinaryParts extends Targets<readonly [Value, Value], readonly [string, string]> {
  readonly takes: Takes;
  /** In float64; the result is rounded to the dtype. */
  readonly meaning: ScalarFunction;
  /** For int32 where float64 does not hold the exact result. */
  readonly int32Meaning?: ScalarFunction;
}

export function unary(parts: UnaryParts): UnaryElementWise {
  const scalar = scalarOf(parts.meaning);
  const op = defineOp({
    operands: ['x'],
    attrs: attributes(),
    infer: ([x]) => {
      demandTaken(parts.takes, x);
      return x;
    },
    storage: 'computed',
    elementWise: true,
    splat: ({ inputs: [x] }, [number]) => scalar(x.dtype)(number!, 0),
    flops: () => 0,
    interpret: (_node, [x], { output }) => {
      const f = scalar(output.dtype, output.arithmetic);
      return output.generate((i) => f(x[i]!, 0));
    },
    ...written(parts),
  });
  return { ...op, arity: 1, scalar };
}

export function binary(parts: BinaryParts): BinaryElementWise {
  const scalar = scalarOf(parts.meaning, parts.int32Meaning);
  const op = defineOp({
    operands: ['x', 'y'],
    attrs: attributes(),
    infer: ([x, y]) => {
      demand(x.dtype === y.dtype, 'operands must have one dtype');
      demand(sameShape(x.shape, y.shape), 'operands must have one shape');
      demandTaken(parts.takes, x);
      return x;
    },
    storage: 'computed',
    elementWise: true,
    splat: ({ inputs: [x] }, [a, b]) => scalar(x.dtype)(a!, b!),
    flops: () => 0,
    interpret: (_node, [x, y], { output }) => {
      const f = scalar(output.dtype, output.arithmetic);
      return output.generate((i) => f(x[i]!, y[i]!));
    },
    ...written(parts),
  });
  return { ...op, arity: 2, scalar };
}

function scalarOf(meaning: ScalarFunction, int32Meaning?: ScalarFunction): ScalarOf {
  return (dtype, arithmetic = 'float32') => {
    if (dtype === 'int32' && int32Meaning !== undefined) return int32Meaning;
    return (x, y) => stored(meaning(x, y), dtype, arithmetic);
  };
}

function demandTaken(takes: Takes, x: ValueSpec): void {
  if (takes === 'bools') demand(x.dtype === 'bool', 'operands must be bool');
  else if (takes === 'integers') demand(x.dtype === 'int32', 'operands must be int32');
  else if (takes === 'numbers') demand(x.dtype !== 'bool', 'operands must be numbers');
  else demand(isFloat(x), 'operands must be floating point');
}

/** The parts for the targets, with names made into what writes them. */
function written<Inputs extends readonly Value[], Names extends readonly string[]>({
  stablehlo,
  onnx,
  tensorflow,
}: Targets<Inputs, Names>) {
  return {
    stablehlo:
      typeof stablehlo !== 'string'
        ? stablehlo
        : ({ inputs, outputs }: Node<Inputs>, w: StablehloWriter) => {
            w.define(outputs, `${stablehlo} ${w.names(inputs)} : ${tensorType(outputs[0]!)}`);
          },
    onnx:
      typeof onnx !== 'string'
        ? onnx
        : (_node: Node<Inputs>, names: Names, w: OnnxWriter) => w.node(onnx, names),
    tensorflow:
      typeof tensorflow !== 'string'
        ? tensorflow
        : ({ inputs }: Node<Inputs>, b: InstructionBuilder) =>
            b.elementWise(
              tensorflow,
              inputs.map((input) => b.compact(input)),
            ),
  };
}
