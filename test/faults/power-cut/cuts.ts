/** Every way in which a recording may be cut short, and the order that its files were made safe in. */
import type { RandomStream } from '@eddy/core';

import {
  safeFrom,
  saidBefore,
  treeAfter,
  type Cut,
  type Fate,
  type NodeId,
  type Recording,
  type Tree,
} from './disk.ts';

export interface CutState {
  /** What may be found. */
  readonly tree: Tree;
  /** What the process had told. */
  readonly said: string;
  readonly describe: string;
}

/**
 * The states after a cut at each event: with all that was not safe, with none of it, and with `samples` random parts of
 * it. States that were there before are left out.
 */
export function* cutStates(
  recording: Recording,
  random: RandomStream,
  samples: number,
  points: (events: number) => Iterable<number> = everyPoint,
): Generator<CutState> {
  const safe = safeFrom(recording);
  let before = new Set<string>();
  let saidThen = '';
  for (const after of points(recording.events.length)) {
    const said = saidBefore(recording, after);
    // What is right depends on what was told.
    if (said !== saidThen) before = new Set();
    saidThen = said;
    for (const [name, cut] of cutsAt(after, random, samples)) {
      const tree = treeAfter(recording, cut, safe);
      const print = fingerprint(tree);
      if (before.has(print)) continue;
      before.add(print);
      yield { tree, said, describe: `cut after ${after} of ${recording.events.length}, ${name}` };
    }
  }
}

function* everyPoint(events: number): Generator<number> {
  for (let after = 0; after <= events; after++) yield after;
}

function* cutsAt(
  after: number,
  random: RandomStream,
  samples: number,
): Generator<readonly [string, Cut]> {
  const all = (fate: Fate): Cut => ({
    after,
    fate: () => fate,
    hasSector: () => true,
    hasLength: () => true,
  });
  yield ['all kept', all('kept')];
  yield ['all that was not safe lost', all('lost')];
  yield [
    'names kept, data lost',
    { ...all('torn'), hasSector: () => false, hasLength: () => false },
  ];
  yield ['names and lengths kept, data lost', { ...all('torn'), hasSector: () => false }];
  for (let sample = 0; sample < samples; sample++) {
    const keeps = random.uniform();
    const fates = new Map<string, boolean>();
    const chance = (key: string) => {
      const known = fates.get(key) ?? random.uniform() < keeps;
      fates.set(key, known);
      return known;
    };
    yield [
      `sample ${sample}`,
      {
        after,
        fate: (event) =>
          chance(`${event}`) ? (chance(`${event} whole`) ? 'kept' : 'torn') : 'lost',
        hasSector: (event, sector) => chance(`${event} ${sector}`),
        hasLength: (event) => chance(`${event} length`),
      },
    ];
  }
}

function fingerprint(tree: Tree): string {
  const entries = [...tree].sort(([a], [b]) => (a < b ? -1 : 1));
  return entries
    .map(([name, content]) => {
      if (content instanceof Map) return `${name}/(${fingerprint(content)})`;
      return `${name}:${Buffer.isBuffer(content) ? content.toString('latin1') : 'link'}`;
    })
    .join('|');
}

/**
 * What breaks the order write < fsync < rename < fsync of the directory (R6): a file or folder that is renamed before
 * all of it is safe, and a rename that is not safe at the end.
 */
export function orderProblems(
  recording: Recording,
  isCommit: (name: string) => boolean,
): { readonly renames: number; readonly problems: readonly string[] } {
  const safe = safeFrom(recording);
  const names = new Map<NodeId, Map<string, NodeId>>();
  const problems: string[] = [];
  let renames = 0;
  recording.events.forEach((event, index) => {
    if (event.type !== 'name') return;
    const target = event.changes.at(-1)!;
    const { name, node } = target;
    if (event.isRename && node !== undefined && isCommit(name)) {
      renames++;
      const inside = nodesBelow(node, recording, names);
      for (const [at, earlier] of recording.events.slice(0, index).entries()) {
        const touches =
          earlier.type === 'name'
            ? earlier.changes.some(({ folder }) => inside.has(folder))
            : 'node' in earlier && earlier.type !== 'sync' && inside.has(earlier.node);
        if (touches && safe[at]! > index) {
          problems.push(`${name}: renamed before a ${earlier.type} of it was fsynced`);
        }
      }
      if (safe[index] === Infinity) problems.push(`${name}: its folder was not fsynced`);
    }
    for (const change of event.changes) {
      const entries = names.get(change.folder) ?? new Map<string, NodeId>();
      names.set(change.folder, entries);
      if (change.node === undefined) entries.delete(change.name);
      else entries.set(change.name, change.node);
    }
  });
  return { renames, problems: [...new Set(problems)] };
}

function nodesBelow(
  node: NodeId,
  recording: Recording,
  names: ReadonlyMap<NodeId, ReadonlyMap<string, NodeId>>,
): ReadonlySet<NodeId> {
  const found = new Set([node]);
  if (!recording.folders.has(node)) return found;
  for (const child of names.get(node)?.values() ?? []) {
    for (const inner of nodesBelow(child, recording, names)) found.add(inner);
  }
  return found;
}
