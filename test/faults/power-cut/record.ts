/** Records what a command does to the files of a folder, by strace. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { readTree, ROOT, type DiskEvent, type NodeId, type Recording, type Tree } from './disk.ts';
import { parseStrace, straceOptions, type Call } from './strace.ts';

/** Why nothing can be recorded here; undefined where it can. */
export function whyNoStrace(): string | undefined {
  try {
    execFileSync('strace', ['-f', '--seccomp-bpf', '-e', 'trace=none', 'true'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `no strace here (apt-get install strace): ${(error as Error).message.split('\n')[0]}`;
  }
}

export interface RecordOptions {
  /** The folder, empty at the start; symbolic links in it may lead out of it. */
  readonly root: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs a command to its end.
 *
 * @throws if the command fails, and if the recorded calls do not make the files that are there afterwards: then
 *   something was overlooked
 */
export async function record({ root, command, env }: RecordOptions): Promise<Recording> {
  const before = readTree(root);
  const output = `${root}.strace`;
  const child = spawn('strace', [...straceOptions(output), ...command], {
    env: env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((ended) => child.once('close', ended));
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${String(code)}: ${said}`);
  const calls = parseStrace(readFileSync(output, 'latin1'));
  rmSync(output);
  return new Recorder(resolve(root), before).replay(calls);
}

interface OpenFile {
  readonly node: NodeId;
  readonly appends: boolean;
  offset: number;
}

class Recorder {
  readonly #root: string;
  readonly #events: DiskEvent[] = [];
  readonly #folders = new Set<NodeId>([ROOT]);
  readonly #links = new Map<NodeId, string>();
  /** How things stand for the running process. */
  readonly #names = new Map<NodeId, Map<string, NodeId>>([[ROOT, new Map()]]);
  readonly #contents = new Map<NodeId, Buffer>();
  /** Process and descriptor. */
  readonly #open = new Map<string, OpenFile>();
  #nextNode = ROOT + 1;
  /** Number of ended calls → number of events then. */
  readonly #eventsAt: number[] = [];

  constructor(root: string, before: Tree) {
    this.#root = root;
    this.#take(before, ROOT);
  }

  replay(calls: readonly Call[]): Recording {
    const main = calls[0]?.pid;
    for (const call of calls) {
      this.#eventsAt.push(this.#events.length);
      if (call.pid === main && call.name === 'write' && /^1(?:<|$)/.test(call.args[0]!.text)) {
        this.#events.push({ type: 'said', text: call.args[1]!.bytes!.toString() });
      } else this.#apply(call);
    }
    this.#compare(readTree(this.#root), ROOT, this.#root);
    return { events: this.#events, folders: this.#folders, links: this.#links };
  }

  /** What is there before the recording is safe. */
  #take(tree: Tree, folder: NodeId): void {
    for (const [name, content] of tree) {
      const node = this.#newNode();
      this.#change([{ folder, name, node }]);
      if (content instanceof Map) {
        this.#makeFolder(node);
        this.#take(content, node);
      } else if (Buffer.isBuffer(content)) {
        this.#write(node, 0, content);
        this.#sync(node, Infinity);
      } else this.#links.set(node, (content as { readonly link: string }).link);
    }
    this.#sync(folder, Infinity);
  }

  #apply({ pid, name, args, result, begunAfter }: Call): void {
    const key = (descriptor: number | string) => `${pid} ${descriptor}`;
    const numberOf = (argument: number) => Number.parseInt(args[argument]!.text, 10);
    const place = (at: number) => this.#place(pathOf(args, at));
    switch (name) {
      case 'open':
      case 'creat':
        return this.#opened(key(result), this.#absolute(args[0]!), flagsOf(name, args[1]!.text));
      case 'openat':
        return this.#opened(key(result), pathOf(args, 0), args[2]!.text);
      case 'close':
        return void this.#open.delete(key(numberOf(0)));
      case 'dup':
      case 'dup2':
      case 'dup3':
        return this.#duplicate(key(numberOf(0)), key(result));
      case 'fcntl':
        if (args[1]!.text.startsWith('F_DUPFD')) this.#duplicate(key(numberOf(0)), key(result));
        return;
      case 'lseek': {
        const file = this.#fileOf(key(numberOf(0)), args[0]!.path);
        if (file !== undefined) file.offset = result;
        return;
      }
      case 'write':
      case 'writev':
      case 'pwrite64':
      case 'pwritev':
      case 'pwritev2': {
        const at = name.startsWith('p') ? Number(args[3]!.text) : -1;
        const bytes = (args[1]!.bytes ?? Buffer.alloc(0)).subarray(0, result);
        return this.#wrote(this.#fileOf(key(numberOf(0)), args[0]!.path), bytes, at);
      }
      case 'copy_file_range':
      case 'sendfile':
        return this.#copied(name, args, result, key);
      case 'ftruncate': {
        const file = this.#fileOf(key(numberOf(0)), args[0]!.path);
        if (file !== undefined) this.#resize(file.node, numberOf(1));
        return;
      }
      case 'truncate': {
        const node = this.#nodeAt(this.#absolute(args[0]!));
        if (node !== undefined) this.#resize(node, numberOf(1));
        return;
      }
      case 'fsync':
      case 'fdatasync': {
        const file = this.#fileOf(key(numberOf(0)), args[0]!.path);
        if (file !== undefined)
          this.#sync(file.node, this.#eventsAt[begunAfter] ?? this.#events.length);
        return;
      }
      case 'mkdir':
        return this.#made(this.#place(this.#absolute(args[0]!)));
      case 'mkdirat':
        return this.#made(place(0));
      case 'unlink':
      case 'rmdir':
        return this.#removed(this.#place(this.#absolute(args[0]!)));
      case 'unlinkat':
        return this.#removed(place(0));
      case 'rename':
        return this.#renamed(this.#absolute(args[0]!), this.#absolute(args[1]!));
      case 'renameat':
      case 'renameat2':
        return this.#renamed(pathOf(args, 0), pathOf(args, 2));
      case 'link':
        return this.#linked(this.#absolute(args[0]!), this.#absolute(args[1]!));
      case 'linkat':
        return this.#linked(pathOf(args, 0), pathOf(args, 2));
      case 'symlink':
        return this.#symlinked(args[0]!, this.#place(this.#absolute(args[1]!)));
      case 'symlinkat':
        return this.#symlinked(args[0]!, this.#place(pathOf(args, 1)));
      case 'clone':
      case 'clone3':
      case 'fork':
      case 'vfork':
        return this.#forked(pid, result, args);
      default:
        if (args.some(({ path }) => this.#isInside(path)))
          throw new Error(`${name} is not modelled`);
    }
  }

  #opened(key: string, path: string, flags: string): void {
    this.#open.delete(key);
    const place = this.#place(path);
    if (place === undefined) {
      if (path === this.#root) this.#open.set(key, { node: ROOT, appends: false, offset: 0 });
      return;
    }
    let node = this.#names.get(place.folder)!.get(place.name);
    if (node === undefined) {
      if (!flags.includes('O_CREAT')) return; // made before by a call that has not ended yet
      node = this.#newNode();
      this.#contents.set(node, Buffer.alloc(0));
      this.#change([{ ...place, node }]);
    } else if (flags.includes('O_TRUNC') && this.#contents.get(node)!.length > 0) {
      this.#resize(node, 0);
    }
    this.#open.set(key, { node, appends: flags.includes('O_APPEND'), offset: 0 });
  }

  #wrote(file: OpenFile | undefined, bytes: Buffer, at: number): void {
    if (file === undefined) return;
    const place = file.appends ? this.#contents.get(file.node)!.length : at < 0 ? file.offset : at;
    this.#write(file.node, place, bytes);
    if (at < 0) file.offset = place + bytes.length;
  }

  #copied(
    name: string,
    args: Call['args'],
    bytes: number,
    key: (descriptor: string) => string,
  ): void {
    const [from, to] = name === 'sendfile' ? [args[1]!, args[0]!] : [args[0]!, args[2]!];
    const target = this.#fileOf(key(String(Number.parseInt(to.text, 10))), to.path);
    if (target === undefined || bytes === 0) return;
    const source = this.#nodeAt(from.path!);
    const content = source === undefined ? readFileSync(from.path!) : this.#contents.get(source)!;
    // A file is copied from its beginning to its end, with one call or several.
    const start = this.#contents.get(target.node)!.length;
    this.#write(target.node, start, content.subarray(start, start + bytes));
  }

  #duplicate(from: string, to: string): void {
    const file = this.#open.get(from);
    if (file === undefined) this.#open.delete(to);
    else this.#open.set(to, file);
  }

  #forked(parent: number, child: number, args: Call['args']): void {
    if (args.some(({ text }) => text.includes('CLONE_THREAD'))) return;
    for (const [key, file] of [...this.#open]) {
      const [pid, descriptor] = key.split(' ');
      if (Number(pid) === parent) this.#open.set(`${child} ${descriptor}`, file);
    }
  }

  #fileOf(key: string, path: string | undefined): OpenFile | undefined {
    if (!this.#isInside(path)) return undefined;
    const file = this.#open.get(key);
    if (file === undefined) throw new Error(`descriptor ${key} of ${path} was never opened`);
    return file;
  }

  #made(place: Place | undefined): void {
    if (place === undefined) return;
    const node = this.#newNode();
    this.#makeFolder(node);
    this.#change([{ ...place, node }]);
  }

  #removed(place: Place | undefined): void {
    if (place !== undefined) this.#change([{ ...place, node: undefined }]);
  }

  #renamed(from: string, to: string): void {
    const [source, target] = [this.#place(from), this.#place(to)];
    if (source === undefined && target === undefined) return;
    if (source === undefined || target === undefined) throw new Error(`moved out or in: ${from}`);
    const node = this.#names.get(source.folder)!.get(source.name);
    const [gone, there] = [
      { ...source, node: undefined },
      { ...target, node },
    ];
    if (source.folder === target.folder) this.#change([gone, there], true);
    else {
      // Each folder is synced for itself: the file may be found in both, or in none.
      this.#change([there], true);
      this.#change([gone]);
    }
  }

  #linked(from: string, to: string): void {
    const target = this.#place(to);
    if (target !== undefined) this.#change([{ ...target, node: this.#nodeAt(from)! }], true);
  }

  #symlinked(target: { readonly bytes?: Buffer }, place: Place | undefined): void {
    if (place === undefined) return;
    const node = this.#newNode();
    this.#links.set(node, target.bytes!.toString());
    this.#change([{ ...place, node }]);
  }

  #newNode(): NodeId {
    return this.#nextNode++;
  }

  #makeFolder(node: NodeId): void {
    this.#folders.add(node);
    this.#names.set(node, new Map());
  }

  #change(changes: readonly (Place & { readonly node: NodeId | undefined })[], isRename = false) {
    for (const { folder, name, node } of changes) {
      if (node === undefined) this.#names.get(folder)!.delete(name);
      else this.#names.get(folder)!.set(name, node);
    }
    this.#events.push({ type: 'name', changes, isRename });
  }

  #write(node: NodeId, at: number, bytes: Buffer): void {
    const before = this.#contents.get(node) ?? Buffer.alloc(0);
    const after = Buffer.alloc(Math.max(before.length, at + bytes.length));
    before.copy(after);
    bytes.copy(after, at);
    this.#contents.set(node, after);
    this.#events.push({ type: 'write', node, at, bytes });
  }

  #resize(node: NodeId, size: number): void {
    const after = Buffer.alloc(size);
    this.#contents.get(node)!.copy(after);
    this.#contents.set(node, after);
    this.#events.push({ type: 'resize', node, size });
  }

  #sync(node: NodeId, begunAfter: number): void {
    this.#events.push({ type: 'sync', node, begunAfter });
  }

  #absolute({ bytes }: { readonly bytes?: Buffer }): string {
    return bytes!.toString();
  }

  #isInside(path: string | undefined): boolean {
    return path === this.#root || path?.startsWith(`${this.#root}/`) === true;
  }

  /** Undefined outside the folder, also behind a link. */
  #place(path: string): Place | undefined {
    if (!this.#isInside(path) || path === this.#root) return undefined;
    const folder = this.#nodeAt(dirname(path));
    if (folder === undefined || !this.#folders.has(folder)) return undefined;
    return { folder, name: path.slice(dirname(path).length + 1) };
  }

  #nodeAt(path: string): NodeId | undefined {
    if (!this.#isInside(path)) return undefined;
    let node: NodeId = ROOT;
    for (const name of path
      .slice(this.#root.length + 1)
      .split('/')
      .filter(Boolean)) {
      const next = this.#names.get(node)?.get(name);
      if (next === undefined || this.#links.has(next)) return undefined;
      node = next;
    }
    return node;
  }

  /** @throws where the calls make something else than there is */
  #compare(real: Tree, folder: NodeId, path: string): void {
    const names = this.#names.get(folder)!;
    for (const name of new Set([...real.keys(), ...names.keys()])) {
      const [content, node] = [real.get(name), names.get(name)];
      const differs = () => new Error(`the recorded calls do not make ${join(path, name)}`);
      if (content === undefined || node === undefined) throw differs();
      if (content instanceof Map) this.#compare(content, node, join(path, name));
      else if (Buffer.isBuffer(content)) {
        if (!this.#contents.get(node)?.equals(content)) throw differs();
      } else if (this.#links.get(node) !== (content as { readonly link: string }).link) {
        throw differs();
      }
    }
  }
}

interface Place {
  readonly folder: NodeId;
  readonly name: string;
}

/** The path of an argument that is relative to a descriptor before it. */
function pathOf(args: Call['args'], descriptor: number): string {
  return resolve(args[descriptor]!.path ?? '/', args[descriptor + 1]!.bytes!.toString());
}

function flagsOf(name: string, text: string): string {
  return name === 'creat' ? 'O_CREAT|O_WRONLY|O_TRUNC' : text;
}
