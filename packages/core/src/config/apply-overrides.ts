/** Lays the command line's overrides on the composed files. */
import { isDeepStrictEqual } from 'node:util';

import {
  formatPath,
  fromPlain,
  nodeAt,
  toPlain,
  type ConfigNode,
  type MapNode,
  type Origin,
  type Path,
  withNode,
} from './config-node.ts';
import { referenceOf } from './interpolate.ts';
import { merge } from './merge.ts';
import { nearest } from './nearest.ts';
import type { Override } from './override-grammar.ts';
import { ConfigInvalid, type Problem } from './problem.ts';

export type ReadOverride = Override & { readonly origin: Extract<Origin, { kind: 'override' }> };

/**
 * Applies overrides in order. Unlike Hydra's, `key=value` may name an option that the file leaves
 * out: the plugins' schemas know the options, and refuse a misspelt one.
 *
 * @throws CONFIG_INVALID with every override that cannot be applied.
 */
export function applyOverrides(
  file: string,
  tree: MapNode,
  overrides: readonly ReadOverride[],
): MapNode {
  const problems: Problem[] = [];
  let root: ConfigNode = tree;
  for (const override of overrides) {
    const result = applyOne(root, override);
    if ('problem' in result) problems.push(result.problem);
    else root = result.root;
  }
  if (problems.length > 0) throw new ConfigInvalid(file, problems);
  return root as MapNode;
}

type Result = { readonly root: ConfigNode } | { readonly problem: Problem };

function applyOne(root: ConfigNode, override: ReadOverride): Result {
  const { action, origin, value } = override;
  const path: Path = override.key.split('.');
  const refuse = (facts: Omit<Problem, 'origin' | 'path'>): Result => ({
    problem: { origin, path, ...facts },
  });
  if (path[0] === 'extends' || path[0] === 'defaults') {
    return refuse({
      message: `${path[0]} can only be set in a file`,
      expected: 'an override of a value',
      fix: 'write it in the file; `+group=option` adds a config group',
    });
  }
  const named = namedMap(root, path);
  if (named !== undefined) {
    const [at, target] = [formatPath(named.at), formatPath(named.target)];
    const [sign] = /^[+~]*/.exec(origin.text)!;
    const rest = origin.text.replace(/^[^=]*/, '');
    const key = formatPath([...named.target, ...path.slice(named.at.length)]);
    return refuse({
      message: `${at} is \${${target}} in the file, so its options cannot be overridden here`,
      expected: `an override of ${target}`,
      fix: `write ${sign}${key}${rest}, which changes ${target} wherever the file names it`,
    });
  }
  const existing = nodeAt(root, path);
  if (action === 'delete') {
    if (existing === undefined) {
      return refuse({
        message: `there is no ${formatPath(path)} to remove`,
        expected: keysExpected(root, path),
        fix: suggestKey(root, path) ?? 'leave this override out',
      });
    }
    if (value !== undefined && !isDeepStrictEqual(toPlain(existing), value)) {
      return refuse({
        message: `${formatPath(path)} has another value`,
        expected: JSON.stringify(value),
        received: JSON.stringify(toPlain(existing)),
        fix: `write ~${override.key} to remove it regardless of its value`,
      });
    }
    return { root: withNode(root, path, undefined, origin)! };
  }
  if (action === 'add' && existing !== undefined) {
    return refuse({
      message: `${formatPath(path)} already exists`,
      expected: 'a key that the file does not have',
      received: JSON.stringify(toPlain(existing)),
      fix: `write ${override.key}=… to change it, or ++${override.key}=… in either case`,
    });
  }
  const opened = openPath(root, path, origin);
  if (typeof opened === 'string') {
    return refuse({
      message: opened,
      expected: 'a path through maps and existing list items',
      fix: 'check the key path with `pipeline config`',
    });
  }
  const node = fromPlain(value, origin);
  return { root: withNode(opened, path, merge(nodeAt(opened, path), node), origin)! };
}

/** The part of `path` that is an interpolation of a map, and what it names. */
function namedMap(
  root: ConfigNode,
  path: Path,
): { readonly at: Path; readonly target: Path } | undefined {
  for (let length = 1; length < path.length; length++) {
    const at = path.slice(0, length);
    let node = nodeAt(root, at);
    let target: Path = at;
    // An interpolation may name another one; a chain longer than this is a circle.
    for (let i = 0; i < 20 && node?.kind === 'scalar' && typeof node.value === 'string'; i++) {
      const next = referenceOf(node.value, target);
      if (next === undefined) break;
      target = next;
      node = nodeAt(root, target);
    }
    if (target !== at && node?.kind === 'map') return { at, target };
  }
  return undefined;
}

/**
 * Makes the way to `path` walkable: the short form `adamw` on it becomes `{ use: adamw }`. A text
 * says why there is no way.
 */
function openPath(root: ConfigNode, path: Path, origin: Origin): ConfigNode | string {
  let opened = root;
  for (let length = 1; length < path.length + 1; length++) {
    const parent = nodeAt(opened, path.slice(0, length - 1));
    if (parent === undefined) return opened;
    const key = path[length - 1]!;
    const at = formatPath(path.slice(0, length - 1));
    if (parent.kind === 'list' && !(Number(key) < parent.items.length)) {
      return `${at} has no item ${key} (it has ${parent.items.length})`;
    }
    if (parent.kind !== 'scalar') continue;
    if (typeof parent.value !== 'string' && parent.value !== null) {
      return `${at} is ${JSON.stringify(parent.value)}, which has no options`;
    }
    const map = parent.value === null ? {} : { use: parent.value };
    const promoted = fromPlain(map, parent.origin);
    opened = withNode(opened, path.slice(0, length - 1), promoted, origin)!;
  }
  return opened;
}

function keysExpected(root: ConfigNode, path: Path): string {
  const keys = siblingKeys(root, path);
  return keys.length > 0 ? `one of ${keys.join(', ')}` : 'a key of the composed file';
}

function suggestKey(root: ConfigNode, path: Path): string | undefined {
  const near = nearest(String(path.at(-1)), siblingKeys(root, path));
  return near === undefined
    ? undefined
    : `did you mean ~${formatPath([...path.slice(0, -1), near])}?`;
}

function siblingKeys(root: ConfigNode, path: Path): string[] {
  const parent = nodeAt(root, path.slice(0, -1));
  return parent?.kind === 'map' ? [...parent.entries.keys()] : [];
}
