/** What an op writes its StableHLO text with. */
import type { AnyNode, GraphDType, Region, Value } from './value.ts';

/**
 * The matrices that oneDNN multiplies, which is part of XLA:CPU's build for x86-64 and which its own
 * rewriting does not reach (`dot/stablehlo.ts`). The compiler itself multiplies the others.
 */
export type LibraryProducts = readonly ('bfloat16' | 'float32')[];

/** How float32 becomes bfloat16: by the compiler's conversion, or by operations on bits (`rounding.ts`). */
export type Rounding = 'convert' | 'bits';

/** Where lines go. Values are named as in the text: `%12`. */
export interface StablehloWriter {
  readonly libraryProducts: LibraryProducts;
  readonly rounding: Rounding;
  name(value: Value): string;
  /** Names of several values, with commas between. */
  names(values: readonly Value[]): string;
  /** A name that nothing has. */
  fresh(): string;
  line(text: string): void;
  /**
   * Gives values the results of an expression, in order. Lines that follow belong to its regions.
   *
   * @param unused  how many more results the expression has.
   */
  define(values: readonly Value[], expression: string, unused?: number): void;
  /** Gives a value a name that stands in the text already. */
  bind(value: Value, name: string): void;
  /**
   * Defines a node's results by an operation in the usual form:
   *
   *   %3 = stablehlo.transpose %1, dims = [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
   *
   * @param operation  with its dialect: `stablehlo.transpose`.
   * @param attributes  what stands after the operands.
   */
  operation(node: AnyNode, operation: string, attributes?: string): void;
  /** A scalar constant, written where it is used. */
  scalar(literal: string, dtype: GraphDType): string;
  /** The nodes of a region; its inputs must have names. */
  body(region: Region): void;
  /**
   * The name of a bool that is always true, which the compiler can't know; nothing where barriers do
   * not branch.
   */
  unknownTrue(): string | undefined;
  /** Says that the program calls a library and therefore cannot be kept in a file. */
  callsLibrary(): void;
}
