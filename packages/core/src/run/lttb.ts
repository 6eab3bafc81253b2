/** Fewer points of a long curve that keep its shape. */

/**
 * Largest triangle, three buckets: the indices of at most `maxPoints` points that draw the same curve to
 * the eye. The points between the first and the last are cut into buckets of equal size. Each bucket
 * keeps the point that spans the largest triangle with the point kept before it and the mean of the next
 * bucket, so that peaks stay.
 *
 * Points whose value is not finite are left out. Time and memory are linear in the number of points.
 *
 * @param x  ascending, the same length as `y`
 * @param maxPoints  at least 3
 * @returns indices into `x` and `y`, ascending; all finite points where there are no more than `maxPoints`
 * @source S. Steinarsson, Downsampling Time Series for Visual Representation, University of Iceland 2013, §4.2
 */
export function lttb(x: ArrayLike<number>, y: ArrayLike<number>, maxPoints: number): number[] {
  if (!(maxPoints >= 3)) throw new RangeError(`maxPoints must be at least 3, not ${maxPoints}`);
  const finite: number[] = [];
  for (let i = 0; i < y.length; i++) if (Number.isFinite(y[i])) finite.push(i);
  if (finite.length <= maxPoints) return finite;

  const buckets = maxPoints - 2;
  const perBucket = (finite.length - 2) / buckets;
  /** Where a bucket begins among the finite points; the last point is a bucket of its own. */
  const begin = (bucket: number) => Math.floor(bucket * perBucket) + 1;
  const kept = [finite[0]!];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const nextBegin = begin(bucket + 1);
    const nextEnd = Math.min(begin(bucket + 2), finite.length);
    let [meanX, meanY] = [0, 0];
    for (let i = nextBegin; i < nextEnd; i++) {
      meanX += x[finite[i]!]! / (nextEnd - nextBegin);
      meanY += y[finite[i]!]! / (nextEnd - nextBegin);
    }
    const before = kept.at(-1)!;
    const [aX, aY] = [x[before]!, y[before]!];
    let [best, largest] = [finite[begin(bucket)]!, -1];
    for (let i = begin(bucket); i < nextBegin; i++) {
      const at = finite[i]!;
      const area = Math.abs((aX - meanX) * (y[at]! - aY) - (aX - x[at]!) * (meanY - aY));
      if (area > largest) [best, largest] = [at, area];
    }
    kept.push(best);
  }
  kept.push(finite.at(-1)!);
  return kept;
}
