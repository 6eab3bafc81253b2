const BARS = '▁▂▃▄▅▆▇█';

/** A series as `width` characters, each the mean of an equal share; lowest ▁, highest █. */
export function sparkline(series: readonly number[], width: number): string {
  const finite = series.filter(Number.isFinite);
  const count = Math.min(width, finite.length);
  if (count === 0) return '';
  const means = Array.from({ length: count }, (_, i) => {
    const part = finite.slice(
      Math.floor((i * finite.length) / count),
      Math.floor(((i + 1) * finite.length) / count),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const low = Math.min(...means);
  const range = Math.max(...means) - low || 1;
  return means.map((mean) => BARS[Math.round(((mean - low) / range) * (BARS.length - 1))]).join('');
}
