/**
 * JSON has no NaN and no infinities: they become the strings `NaN`, `Infinity` and `-Infinity`, as in the
 * JSON form of Protocol Buffers. JavaScript's own `null` would say that nothing was measured.
 */
const NON_FINITE: ReadonlyMap<unknown, number> = new Map(
  [NaN, Infinity, -Infinity].map((value) => [String(value), value]),
);

export function toJson(value: unknown, indent?: number): string {
  const replace = (_key: string, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? String(item) : item;
  return JSON.stringify(value, replace, indent);
}

/** Reads what `toJson` wrote. Only `metrics` get such numbers back: elsewhere the text may be a text. */
export function fromJson(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if (key === 'metrics') return withNumbers(value as Record<string, unknown>);
    // As journals had them before.
    const { nonFinite } = value as { nonFinite?: unknown };
    return NON_FINITE.get(nonFinite) ?? value;
  });
}

function withNumbers(metrics: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(metrics);
  return Object.fromEntries(entries.map(([name, value]) => [name, NON_FINITE.get(value) ?? value]));
}
