/** A resolved config as YAML again: runnable, and saying where each value comes from. */
import { Document, isMap, isScalar, isSeq, visit, type Node, type Pair } from './yaml.ts';

import { formatOrigin, type Origin, type Path } from './config-node.ts';
import { isBeyondDigits } from './number-text.ts';
import { shown } from './problem.ts';

/**
 * @param originOf  writes the origin of each value as a comment behind it; none when left out
 */
export function printConfig(
  value: Readonly<Record<string, unknown>>,
  originOf?: (path: Path) => Origin,
): string {
  const document = new Document(escapeInterpolations(value), { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, scalar) {
      if (typeof scalar.value === 'number' && isBeyondDigits(scalar.value)) scalar.format = 'EXP';
    },
    Seq(_key, seq) {
      if (seq.items.every((item) => isScalar(item))) seq.flow = true;
    },
    Map(_key, map) {
      if (map.items.length === 0) map.flow = true;
    },
  });
  if (originOf !== undefined) comment(document.contents, [], originOf);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function comment(node: Node | null, path: Path, originOf: (path: Path) => Origin): void {
  if (isMap(node) && node.items.length > 0) {
    for (const pair of node.items as Pair<{ value: string }, Node>[]) {
      comment(pair.value, [...path, pair.key.value], originOf);
    }
  } else if (isSeq(node) && node.flow !== true) {
    node.items.forEach((item, i) => comment(item as Node, [...path, i], originOf));
  } else if (node !== null) {
    const origin = originOf(path);
    const places = isSeq(node) ? node.items.map((_item, i) => originOf([...path, i])) : [];
    const place = origin.kind === 'default' && places[0] !== undefined ? places[0] : origin;
    node.comment = ` ${formatOrigin(place, shown).replaceAll('\n', ' ')}`;
  }
}

/** A plain `${` was written as `\${`, and must be again. */
function escapeInterpolations(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('${', '\\${');
  if (Array.isArray(value)) return value.map(escapeInterpolations);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, escapeInterpolations(item)]),
  );
}
