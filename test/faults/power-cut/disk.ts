/**
 * A disk of which the power may be cut. Data of a file is safe once the file was fsynced, a name in a directory once
 * the directory was. Everything else may be there after the cut or not, each write and each name on its own.
 *
 * Model: ALICE (Pillai et al., OSDI 2014) and CrashMonkey (Mohan et al., OSDI 2018).
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export type NodeId = number;
export const ROOT: NodeId = 0;

/** A name that a directory gives to a node, or takes away. */
interface NameChange {
  readonly folder: NodeId;
  readonly name: string;
  readonly node: NodeId | undefined;
}

export type DiskEvent =
  | { readonly type: 'write'; readonly node: NodeId; readonly at: number; readonly bytes: Buffer }
  | { readonly type: 'resize'; readonly node: NodeId; readonly size: number }
  | { readonly type: 'name'; readonly changes: readonly NameChange[]; readonly isRename: boolean }
  /** What events before `begunAfter` did to the node is safe from here on. */
  | { readonly type: 'sync'; readonly node: NodeId; readonly begunAfter: number }
  /** What the process told the world. */
  | { readonly type: 'said'; readonly text: string };

export interface Recording {
  readonly events: readonly DiskEvent[];
  /** Nodes that are directories; others are files or links. */
  readonly folders: ReadonlySet<NodeId>;
  /** Link → its target. */
  readonly links: ReadonlyMap<NodeId, string>;
}

/** The outcome of an event that was not safe. */
export type Fate = 'lost' | 'kept' | 'torn';

export interface Cut {
  /** How many events had happened. */
  readonly after: number;
  fate(event: number): Fate;
  /** For a torn write: true for each sector of 512 bytes that reached the disk. */
  hasSector(event: number, sector: number): boolean;
  /** For a torn write at the end of a file: true if the file is as long as if all had been written. */
  hasLength(event: number): boolean;
}

const SECTOR = 512;

/** A folder's names, or a file's bytes. */
export type Tree = ReadonlyMap<string, Entry>;
export type Entry = Tree | Buffer | { readonly link: string };

/** Returns for each event the index of the sync that makes it safe; Infinity where there is none. */
export function safeFrom({ events }: Recording): readonly number[] {
  const syncs = new Map<NodeId, { readonly index: number; readonly begunAfter: number }[]>();
  events.forEach((event, index) => {
    if (event.type !== 'sync') return;
    syncs.set(event.node, [
      ...(syncs.get(event.node) ?? []),
      { index, begunAfter: event.begunAfter },
    ]);
  });
  const synced = (node: NodeId, event: number) =>
    syncs.get(node)?.find(({ begunAfter }) => begunAfter > event)?.index ?? Infinity;
  return events.map((event, index) => {
    if (event.type === 'write' || event.type === 'resize') return synced(event.node, index);
    if (event.type !== 'name') return 0;
    return Math.max(...event.changes.map(({ folder }) => synced(folder, index)));
  });
}

/** The files as they may be found after the cut. */
export function treeAfter(recording: Recording, cut: Cut, safe = safeFrom(recording)): Tree {
  const names = new Map<NodeId, Map<string, NodeId>>();
  const contents = new Map<NodeId, Buffer>();
  for (let index = 0; index < cut.after; index++) {
    const event = recording.events[index]!;
    const fate = safe[index]! < cut.after ? 'kept' : cut.fate(index);
    if (fate === 'lost') continue;
    if (event.type === 'name') {
      for (const { folder, name, node } of event.changes) {
        const entries = names.get(folder) ?? new Map<string, NodeId>();
        names.set(folder, entries);
        if (node === undefined) entries.delete(name);
        else entries.set(name, node);
      }
    } else if (event.type === 'resize') {
      const before = contents.get(event.node) ?? Buffer.alloc(0);
      const after = Buffer.alloc(event.size);
      before.copy(after);
      contents.set(event.node, after);
    } else if (event.type === 'write') {
      const before = contents.get(event.node) ?? Buffer.alloc(0);
      const after = written(
        before,
        event,
        (sector) => fate === 'kept' || cut.hasSector(index, sector),
      );
      // The length may be there without the bytes.
      const end = event.at + event.bytes.length;
      const isLong = fate === 'torn' && cut.hasLength(index) && after.length < end;
      contents.set(event.node, isLong ? Buffer.concat([after], end) : after);
    }
  }
  const tree = (folder: NodeId): Tree =>
    new Map(
      [...(names.get(folder) ?? [])].map(([name, node]): [string, Entry] => {
        if (recording.folders.has(node)) return [name, tree(node)];
        const link = recording.links.get(node);
        return [name, link === undefined ? (contents.get(node) ?? Buffer.alloc(0)) : { link }];
      }),
    );
  return tree(ROOT);
}

/**
 * Sectors that were not written are as they were: zeros before the end of the file, which is that of the last one that
 * was written.
 */
function written(
  before: Buffer,
  { at, bytes }: { readonly at: number; readonly bytes: Buffer },
  keeps: (sector: number) => boolean,
): Buffer {
  const end = at + bytes.length;
  const kept: (readonly [number, number])[] = [];
  for (let from = at; from < end;) {
    const sector = Math.floor(from / SECTOR);
    const to = Math.min(end, (sector + 1) * SECTOR);
    if (keeps(sector)) kept.push([from, to]);
    from = to;
  }
  const after = Buffer.alloc(Math.max(before.length, kept.at(-1)?.[1] ?? 0));
  before.copy(after);
  for (const [from, to] of kept) bytes.copy(after, from, from - at, to - at);
  return after;
}

/** Returns the files and folders in a folder. */
export function readTree(folder: string): Tree {
  return new Map(
    readdirSync(folder, { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((entry): [string, Entry] => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return [entry.name, readTree(path)];
        if (entry.isSymbolicLink()) return [entry.name, { link: readlinkSync(path) }];
        return [entry.name, readFileSync(path)];
      }),
  );
}

/** Puts the files into a folder that exists. */
export function writeTree(tree: Tree, folder: string): void {
  for (const [name, content] of tree) {
    const path = join(folder, name);
    if (content instanceof Map) {
      mkdirSync(path, { recursive: true });
      writeTree(content, path);
    } else if (Buffer.isBuffer(content)) writeFileSync(path, content);
    else symlinkSync((content as { readonly link: string }).link, path);
  }
}

/** Returns what the process had printed before the cut. */
export function saidBefore({ events }: Recording, after: number): string {
  return events
    .slice(0, after)
    .flatMap((event) => (event.type === 'said' ? [event.text] : []))
    .join('');
}
