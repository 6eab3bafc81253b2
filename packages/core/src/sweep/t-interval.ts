/** Mean and 95 % interval of a few repetitions. */

export interface Interval95 {
  readonly n: number;
  readonly mean: number;
  /** Half the width of the 95 % t-interval; NaN for n = 1. */
  readonly halfWidth: number;
}

/**
 * mean ± t(0.975; n−1) · s / √n, with s the sample standard deviation (divisor n−1): the interval of
 * the mean if the repetitions are independent and normal.
 *
 * @source Student 1908, "The probable error of a mean"
 */
export function interval95(values: readonly number[]): Interval95 {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { n, mean, halfWidth: NaN };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return { n, mean, halfWidth: studentQuantile975(n - 1) * Math.sqrt(variance / n) };
}

/** t with P(T ≤ t) = 0.975 for T of Student's distribution, by bisection of its tail. */
export function studentQuantile975(degrees: number): number {
  let [low, high] = [0, 13];
  for (let i = 0; i < 60; i++) {
    const t = (low + high) / 2;
    // P(|T| > t) is the regularised incomplete beta function at ν/(ν+t²).
    const tails = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
    if (tails > 0.05) low = t;
    else high = t;
  }
  return (low + high) / 2;
}

/**
 * I_x(a, b) by its continued fraction, evaluated by Lentz's method.
 *
 * @source Press et al., Numerical Recipes, 3rd ed., §6.4
 */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 200; m++) {
    for (const numerator of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / (1 + numerator * d);
      c = 1 + numerator / c;
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-14) break;
  }
  return (front * fraction) / a;
}

/** ln Γ(x) for x > 0: raised above 10 by Γ(x+1) = xΓ(x), then Stirling's series. */
function logGamma(x: number): number {
  let [shift, y] = [0, x];
  for (; y < 10; y++) shift += Math.log(y);
  const series = 1 / (12 * y) - 1 / (360 * y ** 3) + 1 / (1260 * y ** 5) - 1 / (1680 * y ** 7);
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
