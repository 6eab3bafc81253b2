/** A draft as a YAML file: each value with the reference's key behind it. */
import { Document, isMap, isScalar, visit, type Node, type Pair } from 'yaml';

import type { Draft } from './draft.ts';

const ORDER = ['name', 'seed', 'engine', 'loggers', 'build', 'augment', 'train', 'evaluate'];

export function renderPipeline(draft: Draft): string {
  const keys = Object.keys(draft.value).sort((a, b) => placeOf(a) - placeOf(b));
  const document = new Document(Object.fromEntries(keys.map((key) => [key, draft.value[key]])), {
    aliasDuplicateObjects: false,
  });
  visit(document, {
    Seq(_key, seq) {
      if (seq.items.every((item) => isScalar(item) || isMap(item))) seq.flow = true;
    },
  });
  comment(document.contents, '', draft);
  const head = [
    ' Written by pipeline from-reference. The reference’s key stands after each value.',
    ...draft.notes.map(({ what, why }) =>
      ` not carried over: ${what}: ${why}`.replaceAll('\n', ' '),
    ),
  ];
  document.commentBefore = head.join('\n');
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** The further evaluations, `evaluate-2` …, come last. */
function placeOf(key: string): number {
  return ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length;
}

function comment(node: Node | null, path: string, draft: Draft): void {
  const text = draft.commentAt(path);
  if (node !== null && text !== undefined) {
    node.comment = ` ${text}`;
    return;
  }
  if (!isMap(node)) return;
  for (const pair of node.items as Pair<{ value: string }, Node>[]) {
    const key = pair.key.value;
    comment(pair.value, path === '' ? key : `${path}.${key}`, draft);
  }
}
