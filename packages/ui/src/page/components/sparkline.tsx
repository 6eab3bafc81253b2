const WIDTH = 80;
const HEIGHT = 24;

/** A curve without axes, for table cells. Hidden from screen readers: the cells beside it have the numbers. */
export function Sparkline({ values }: { readonly values: readonly number[] }) {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) return <span class="sparkline-none" aria-hidden="true" />;
  const [least, greatest] = [Math.min(...finite), Math.max(...finite)];
  const range = greatest - least || 1;
  const points = finite.map((value, i) => {
    const x = (i / (finite.length - 1)) * (WIDTH - 4) + 2;
    const y = HEIGHT - 3 - ((value - least) / range) * (HEIGHT - 6);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const [endX, endY] = points.at(-1)!.split(',');
  return (
    <svg class="sparkline" width={WIDTH} height={HEIGHT} aria-hidden="true">
      <polyline points={points.join(' ')} />
      <circle cx={endX} cy={endY} r="2" />
    </svg>
  );
}
