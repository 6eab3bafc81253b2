/** Types and literals in the text of StableHLO. */
import type { ConstantData, GraphDType, ValueSpec } from './value.ts';

const ELEMENT: Record<GraphDType, string> = {
  float32: 'f32',
  int32: 'i32',
  bool: 'i1',
  bfloat16: 'bf16',
};

/** e.g. `tensor<2x3xf32>`. */
export function tensorType({ shape, dtype }: ValueSpec): string {
  return `tensor<${dimensions({ shape })}${ELEMENT[dtype]}>`;
}

/** What stands before the element type, e.g. `2x3x`. */
export function dimensions({ shape }: Pick<ValueSpec, 'shape'>): string {
  return shape.map((dim) => `${dim}x`).join('');
}

/** e.g. `(tensor<2xf32>, tensor<2xf32>) -> tensor<2xi1>`. */
export function functionType(inputs: readonly ValueSpec[], outputs: readonly ValueSpec[]): string {
  const results = outputs.map(tensorType);
  const list = results.length === 1 ? results[0]! : `(${results.join(', ')})`;
  return `(${inputs.map(tensorType).join(', ')}) -> ${list}`;
}

/** e.g. `[1, 0]`. */
export function list(numbers: readonly number[]): string {
  return `[${numbers.join(', ')}]`;
}

/** A float32 literal; MLIR wants a point in every decimal and bits for NaN and infinity. */
export function floatLiteral(value: number): string {
  if (Number.isNaN(value)) return '0x7FC00000';
  if (value === Infinity) return '0x7F800000';
  if (value === -Infinity) return '0xFF800000';
  const text = Object.is(value, -0) ? '-0.0' : value.toExponential();
  return text.includes('.') ? text : text.replace('e', '.0e');
}

/** Contents of `dense<…>`: a single element as text, more as hexadecimal bytes. */
export function denseLiteral(
  data: ConstantData,
  { shape, dtype }: Pick<ValueSpec, 'shape' | 'dtype'>,
): string {
  if (data.length === 1) {
    const value = data[0]!;
    if (dtype === 'float32') return floatLiteral(value);
    return dtype === 'bool' ? String(value !== 0) : String(value);
  }
  if (data.length === 0) return '';
  if (dtype === 'bool') return nestedBooleans(data, shape);
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return `"0x${bytes.toString('hex').toUpperCase()}"`;
}

/** Bytes would be packed eight to one. */
function nestedBooleans(data: ConstantData, [dim, ...inner]: readonly number[]): string {
  if (dim === undefined) return String(data[0] !== 0);
  const size = data.length / dim;
  const parts = Array.from({ length: dim }, (_, i) =>
    nestedBooleans(data.subarray(i * size, (i + 1) * size), inner),
  );
  return `[${parts.join(', ')}]`;
}
