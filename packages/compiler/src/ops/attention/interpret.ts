/** What the attention ops mean, row by row. Operands [batch, heads, positions, width]. */
import type { Elements } from '../define/elements.ts';

type Shape = readonly number[];

/** The value, and the logarithm of each row's sum of exponentials. */
export function attentionOf(
  [q, k, v]: readonly Elements[],
  shape: Shape,
  scale: number,
): { readonly value: Float64Array; readonly rowSums: Float64Array } {
  const [batch, heads, length, width] = shape as [number, number, number, number];
  const value = new Float64Array(q!.length);
  const rowSums = new Float64Array(batch * heads * length);
  for (let row = 0; row < rowSums.length; row++) {
    const first = row - (row % length);
    const scores = Array.from(
      { length },
      (_, m) => scale * dot(q!, row * width, k!, (first + m) * width, width),
    );
    const max = Math.max(...scores);
    rowSums[row] = max + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - max), 0));
    scores.forEach((score, m) => {
      const p = Math.exp(score - rowSums[row]!);
      addScaled(value, row * width, p, v!, (first + m) * width, width);
    });
  }
  return { value, rowSums };
}

/** Gradients of q, k and v. */
export function attentionGradientOf(
  [q, k, v, rowSums, value, dValue]: readonly Elements[],
  shape: Shape,
  scale: number,
): readonly Float64Array[] {
  const [, , length, width] = shape as [number, number, number, number];
  const [dq, dk, dv] = [q, k, v].map((x) => new Float64Array(x!.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let row = 0; row < rowSums!.length; row++) {
    const first = row - (row % length);
    const at = row * width;
    const mean = dot(dValue!, at, value!, at, width);
    for (let m = first; m < first + length; m++) {
      const p = Math.exp(scale * dot(q!, at, k!, m * width, width) - rowSums![row]!);
      const ds = scale * p * (dot(dValue!, at, v!, m * width, width) - mean);
      addScaled(dv, m * width, p, dValue!, at, width);
      addScaled(dq, at, ds, k!, m * width, width);
      addScaled(dk, m * width, ds, q!, at, width);
    }
  }
  return [dq, dk, dv];
}

function dot(a: Elements, atA: number, b: Elements, atB: number, width: number): number {
  let sum = 0;
  for (let i = 0; i < width; i++) sum += a[atA + i]! * b[atB + i]!;
  return sum;
}

function addScaled(
  to: Float64Array,
  at: number,
  factor: number,
  from: Elements,
  start: number,
  width: number,
): void {
  for (let i = 0; i < width; i++) to[at + i]! += factor * from[start + i]!;
}
