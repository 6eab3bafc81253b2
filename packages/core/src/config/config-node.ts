/** A composed config: values with the place that each came from. */

/** Where a value was written. */
export type Origin =
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly line: number;
      readonly column: number;
    }
  /** The n-th override of the command line, from 1. */
  | { readonly kind: 'override'; readonly index: number; readonly text: string }
  /** Nobody wrote it: the default of a plugin (`trm`) or of Eddy itself. */
  | { readonly kind: 'default'; readonly of: string };

export type Scalar = string | number | boolean | null;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: Scalar;
  readonly origin: Origin;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
  readonly origin: Origin;
}

export interface MapNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, MapEntry>;
  readonly origin: Origin;
  /** Keys that an override removed, with the override. */
  readonly removed?: ReadonlyMap<string, Origin>;
}

export interface MapEntry {
  /** Where the key stands. */
  readonly keyOrigin: Origin;
  readonly node: ConfigNode;
}

export type ConfigNode = ScalarNode | ListNode | MapNode;

export type Path = readonly (string | number)[];

/** Keys that would reach JavaScript's prototypes; refused everywhere. */
export const REFUSED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Most nodes in a composed config, aliases and interpolations expanded. */
export const MAX_NODES = 10_000;

export function toPlain(node: ConfigNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(toPlain);
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, { node }]) => [key, toPlain(node)]));
  }
}

/** A plain value as nodes of one origin. */
export function fromPlain(value: unknown, origin: Origin): ConfigNode {
  if (Array.isArray(value)) {
    return { kind: 'list', items: value.map((item) => fromPlain(item, origin)), origin };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, item]) => [key, { keyOrigin: origin, node: fromPlain(item, origin) }] as const,
    );
    return { kind: 'map', entries: new Map(entries), origin };
  }
  return { kind: 'scalar', value: value as Scalar, origin };
}

export function child(node: ConfigNode | undefined, key: string | number): ConfigNode | undefined {
  if (node?.kind === 'map') return node.entries.get(String(key))?.node;
  if (node?.kind === 'list') return node.items[Number(key)];
  return undefined;
}

export function nodeAt(root: ConfigNode, path: Path): ConfigNode | undefined {
  return path.reduce<ConfigNode | undefined>((node, key) => child(node, key), root);
}

/** The origin of the deepest part of `path` that somebody wrote. */
export function originNear(root: ConfigNode, path: Path): Origin {
  let node: ConfigNode = root;
  for (const key of path) {
    const next = child(node, key);
    if (next === undefined) break;
    node = next;
  }
  return node.origin;
}

/** The origin of the last key of `path` where it is written, else as `originNear`. */
export function keyOriginNear(root: ConfigNode, path: Path): Origin {
  const parent = nodeAt(root, path.slice(0, -1));
  const entry = parent?.kind === 'map' ? parent.entries.get(String(path.at(-1))) : undefined;
  return entry?.keyOrigin ?? originNear(root, path);
}

/** A copy of `root` with `node` at `path`; maps that are missing on the way are made. */
export function withNode(
  root: ConfigNode | undefined,
  path: Path,
  node: ConfigNode | undefined,
  origin: Origin,
): ConfigNode | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return node;
  if (root?.kind === 'list') {
    const items = [...root.items];
    const item = withNode(items[Number(key)], rest, node, origin);
    if (item === undefined) items.splice(Number(key), 1);
    else items[Number(key)] = item;
    return { ...root, items };
  }
  const entries = new Map(root?.kind === 'map' ? root.entries : []);
  const previous = entries.get(String(key));
  const value = withNode(previous?.node, rest, node, origin);
  const removed = new Map(root?.kind === 'map' ? root.removed : []);
  if (value === undefined) {
    entries.delete(String(key));
    removed.set(String(key), origin);
  } else {
    entries.set(String(key), { keyOrigin: previous?.keyOrigin ?? origin, node: value });
    removed.delete(String(key));
  }
  const own = root?.kind === 'map' ? root.origin : origin;
  return { kind: 'map', entries, origin: own, ...(removed.size === 0 ? {} : { removed }) };
}

export function countNodes(node: ConfigNode): number {
  switch (node.kind) {
    case 'scalar':
      return 1;
    case 'list':
      return node.items.reduce((count, item) => count + countNodes(item), 1);
    case 'map':
      return [...node.entries.values()].reduce((count, { node }) => count + countNodes(node), 1);
  }
}

/** `train.optimizer.betas[0]` */
export function formatPath(path: Path): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`))
    .join('');
}

/** `sudoku.yml:5:7`, `override 2 "train.epochs=x"`, `default of trm`. */
export function formatOrigin(origin: Origin, shown: (file: string) => string): string {
  switch (origin.kind) {
    case 'file':
      return `${shown(origin.file)}:${origin.line}:${origin.column}`;
    case 'override':
      return `override ${origin.index} "${origin.text}"`;
    case 'default':
      return `default of ${origin.of}`;
  }
}
