/** Round numbers along an axis. */

/** About `count` multiples of 1, 2 or 5 times a power of ten that cover a range from end to end. */
export function linearTicks(low: number, high: number, count: number): number[] {
  if (!(high > low)) return linearTicks(low - 0.5, low + 0.5, count);
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999)! * power;
  const first = Math.floor(low / unit + 1e-9);
  const last = Math.ceil(high / unit - 1e-9);
  // Multiplied, not added up: 0.30000000000000004 is no round number.
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * unit).toPrecision(12)),
  );
}

/** Powers of two that cover a range of positive numbers from end to end, at most about `count`. */
export function powerTicks(low: number, high: number, count: number): number[] {
  const first = Math.floor(Math.log2(low) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log2(high) - 1e-9));
  const stride = Math.ceil((last - first) / count);
  const ticks: number[] = [];
  for (let power = first; power <= last; power += stride) ticks.push(2 ** power);
  if (ticks.at(-1)! < 2 ** last) ticks.push(2 ** last);
  return ticks;
}

/** 1500 → 1.5k, 65,104 → 65k, 0.25 → 0.25 */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 1e3) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}
