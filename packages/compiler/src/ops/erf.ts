/**
 * The error function in float64, to about 1e-15.
 *
 * Series erf x = (2/√π) Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n+1)) below 3 in magnitude, continued fraction above.
 *
 * @source Abramowitz & Stegun, 7.1.5 and 7.1.14.
 */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  return magnitude < 3 ? series(x) : Math.sign(x) * (1 - complement(magnitude));
}

function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** erfc x = e^−x² / (√π (x + (1/2)/(x + 1/(x + (3/2)/(x + …))))). */
function complement(x: number): number {
  let fraction = x;
  for (let k = 60; k > 0; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
