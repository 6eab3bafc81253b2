/** What hosts of one run must have in common, by names for people. */
export type HostTraits = Readonly<Record<string, string | readonly string[]>>;

export interface TraitDifference {
  readonly expected: string;
  readonly received: string;
}

/** What two hosts have not in common, each side in words; undefined where they are equal. */
export function traitDifference(first: HostTraits, other: HostTraits): TraitDifference | undefined {
  const names = [...new Set([...Object.keys(first), ...Object.keys(other)])].filter(
    (name) => JSON.stringify(first[name]) !== JSON.stringify(other[name]),
  );
  if (names.length === 0) return undefined;
  const side = (own: HostTraits, others: HostTraits) =>
    names.map((name) => `${name}: ${valueOf(own[name], others[name])}`).join('; ');
  return { expected: side(first, other), received: side(other, first) };
}

/** Of a list only what the other side lacks. */
function valueOf(own: HostTraits[string] = '', other: HostTraits[string] = ''): string {
  if (typeof own === 'string') return own === '' ? 'none' : own;
  const more = own.filter((item) => !other.includes(item));
  return more.length === 0 ? 'not these' : more.join(' ');
}
