/**
 * Reads a pickle without ever running it: Python's pickle is a small program for a stack machine, of
 * which only the instructions that build plain data are obeyed here. A name (GLOBAL) is compared with
 * a list and stays a name; "calling" one of them makes a description of a tensor or an empty dict.
 *
 * @source torch/_weights_only_unpickler.py: the same opcodes, of its names only those of state dicts
 */
import { opcodeName, type PickleOpcode } from './pickle-opcodes.ts';
import {
  describeValue,
  type Dict,
  type PickleValue,
  type StorageReference,
  type Tuple,
} from './pickle-values.ts';
import { callGlobal, isAllowedGlobal, storageFromId, ValueRefused } from './torch-globals.ts';

/** The first instruction that was not obeyed. */
export class PickleRefused extends Error {
  readonly offset: number;
  readonly expected: string;
  readonly received: string;

  constructor(facts: { message: string; offset: number; expected: string; received: string }) {
    super(facts.message);
    this.offset = facts.offset;
    this.expected = facts.expected;
    this.received = facts.received;
  }
}

/** Far above what a state dict needs: one of a thousand tensors stays below 20,000 of each. */
const MAX_MEMO = 1 << 20;
const MAX_STACK = 1 << 20;
const MAX_MARKS = 64;
const MAX_LINE_BYTES = 256;
const PROTOCOL = 2;

/** @throws PickleRefused naming the opcode or global and its offset. */
export function unpickle(bytes: Uint8Array): PickleValue {
  return new Unpickler(bytes).run();
}

const ALLOWED = {
  PROTO: (m) => m.protocol(m.uint8()),
  MARK: (m) => m.mark(),
  NONE: (m) => m.push(null),
  NEWTRUE: (m) => m.push(true),
  NEWFALSE: (m) => m.push(false),
  BININT: (m) => m.push(m.int32()),
  BININT1: (m) => m.push(m.uint8()),
  BININT2: (m) => m.push(m.uint16()),
  LONG1: (m) => m.push(m.long(m.uint8())),
  BINFLOAT: (m) => m.push(m.float64()),
  BINUNICODE: (m) => m.push(m.text(m.uint32())),
  SHORT_BINSTRING: (m) => m.push(m.text(m.uint8())),
  EMPTY_TUPLE: (m) => m.push(tuple([])),
  EMPTY_LIST: (m) => m.push({ kind: 'list', items: [] }),
  EMPTY_DICT: (m) => m.push({ kind: 'dict', ordered: false, entries: new Map() }),
  TUPLE: (m) => m.push(tuple(m.popMark())),
  TUPLE1: (m) => m.push(tuple(m.popSome(1))),
  TUPLE2: (m) => m.push(tuple(m.popSome(2))),
  TUPLE3: (m) => m.push(tuple(m.popSome(3))),
  APPEND: (m) => m.append(m.popSome(1)),
  APPENDS: (m) => m.append(m.popMark()),
  SETITEM: (m) => m.setItems(m.popSome(2)),
  SETITEMS: (m) => m.setItems(m.popMark()),
  BINGET: (m) => m.get(m.uint8()),
  LONG_BINGET: (m) => m.get(m.uint32()),
  BINPUT: (m) => m.put(m.uint8()),
  LONG_BINPUT: (m) => m.put(m.uint32()),
  GLOBAL: (m) => m.global(m.line(), m.line()),
  BINPERSID: (m) => m.persistentId(),
  REDUCE: (m) => m.reduce(),
  BUILD: (m) => m.build(),
} as const satisfies Partial<Record<PickleOpcode, (machine: Unpickler) => void>>;

function tuple(items: readonly PickleValue[]): Tuple {
  return { kind: 'tuple', items };
}

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  /** Where the opcode in work stands. */
  #opcodeAt = 0;
  #stack: PickleValue[] = [];
  /** Stacks put aside by MARK. */
  readonly #below: PickleValue[][] = [];
  readonly #memo = new Map<number, PickleValue>();
  readonly #storages = new Map<string, StorageReference>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleValue {
    for (;;) {
      this.#opcodeAt = this.#at;
      const byte = this.uint8();
      const name = opcodeName(byte);
      if (name === 'STOP') return this.#stop();
      const obey =
        name !== undefined && Object.hasOwn(ALLOWED, name)
          ? ALLOWED[name as keyof typeof ALLOWED]
          : undefined;
      if (obey === undefined) {
        throw this.refused(
          'an instruction that a state dict does not need',
          Object.keys(ALLOWED).join(' '),
          name ?? `byte 0x${byte.toString(16).padStart(2, '0')}`,
        );
      }
      obey(this);
    }
  }

  #stop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || this.#stack.length > 0 || this.#below.length > 0) {
      const left = this.#stack.length + (value === undefined ? 0 : 1);
      throw this.refused('STOP', 'one value', `${left} values, ${this.#below.length} open marks`);
    }
    if (this.#at !== this.#bytes.length) {
      const rest = this.#bytes.length - this.#at;
      throw this.refused('bytes after the end', 'STOP as the last byte', `${rest} bytes more`);
    }
    return value;
  }

  protocol(version: number): void {
    if (this.#opcodeAt === 0 && version === PROTOCOL) return;
    throw this.refused('PROTO', `protocol ${PROTOCOL}, once, in front`, `protocol ${version}`);
  }

  mark(): void {
    if (this.#below.length >= MAX_MARKS) {
      throw this.refused('MARK', `at most ${MAX_MARKS} open marks`, 'one more');
    }
    this.#below.push(this.#stack);
    this.#stack = [];
  }

  push(value: PickleValue): void {
    if (this.#stack.length >= MAX_STACK) {
      throw this.refused('stack', `at most ${MAX_STACK} values`, 'one more');
    }
    this.#stack.push(value);
  }

  popMark(): PickleValue[] {
    const items = this.#stack;
    const below = this.#below.pop();
    if (below === undefined) throw this.refused(this.#opcode(), 'a mark below', 'none');
    this.#stack = below;
    return items;
  }

  popSome(count: number): PickleValue[] {
    if (this.#stack.length < count) {
      throw this.refused(this.#opcode(), `${count} values`, `${this.#stack.length}`);
    }
    return this.#stack.splice(-count, count);
  }

  append(items: readonly PickleValue[]): void {
    const target = this.#top();
    if (!isKind(target, 'list')) throw this.#wrongTarget('a list', target);
    for (const item of items) target.items.push(item);
  }

  setItems(items: readonly PickleValue[]): void {
    const target = this.#top();
    if (!isKind(target, 'dict')) throw this.#wrongTarget('a dict', target);
    if (items.length % 2 === 1) {
      throw this.refused(this.#opcode(), 'pairs', `${items.length} values`);
    }
    for (let i = 0; i < items.length; i += 2) this.#setItem(target, items[i]!, items[i + 1]!);
  }

  #setItem(target: Dict, key: PickleValue, value: PickleValue): void {
    if (typeof key !== 'string' && typeof key !== 'number') {
      throw this.#wrongTarget('a string or a number as key', key);
    }
    if (target.entries.has(key)) {
      throw this.refused(this.#opcode(), 'each key once', `${JSON.stringify(key)} again`);
    }
    target.entries.set(key, value);
  }

  get(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.refused(this.#opcode(), 'a memo that was put', `${index}`);
    this.push(value);
  }

  put(index: number): void {
    if (this.#memo.size >= MAX_MEMO) {
      throw this.refused(this.#opcode(), `at most ${MAX_MEMO} memos`, 'one more');
    }
    this.#memo.set(index, this.#top());
  }

  global(module: string, name: string): void {
    const qualified = `${module}.${name}`;
    if (!isAllowedGlobal(qualified)) {
      throw this.refused(
        'a name that a state dict does not need',
        'OrderedDict, tensors and their storages',
        `GLOBAL ${qualified}`,
      );
    }
    this.push({ kind: 'global', name: qualified });
  }

  persistentId(): void {
    const [id] = this.popSome(1);
    const storage = this.#asking(() => storageFromId(id!));
    // One record is one storage: else its bytes would be counted, and read, several times.
    const known = this.#storages.get(storage.key);
    if (known === undefined) this.#storages.set(storage.key, storage);
    else if (known.dtype !== storage.dtype || known.numElements !== storage.numElements) {
      throw this.refused('BINPERSID', `storage ${storage.key} as before`, 'another dtype or size');
    }
    this.push(known ?? storage);
  }

  reduce(): void {
    const [callee, args] = this.popSome(2) as [PickleValue, PickleValue];
    if (!isKind(callee, 'global')) throw this.#wrongTarget('a global to call', callee);
    if (!isKind(args, 'tuple')) throw this.#wrongTarget('a tuple of arguments', args);
    this.push(this.#asking(() => callGlobal(callee.name, args.items)));
  }

  /** Only `OrderedDict.__dict__.update({'_metadata': …})`, as `state_dict()` has it; it is dropped. */
  build(): void {
    const [state] = this.popSome(1);
    const target = this.#top();
    if (!isKind(target, 'dict') || !target.ordered) {
      throw this.#wrongTarget('an OrderedDict', target);
    }
    if (!isKind(state, 'dict')) throw this.#wrongTarget('a dict of attributes', state);
    for (const name of state.entries.keys()) {
      if (name === '_metadata') continue;
      throw this.refused('BUILD', 'the attribute _metadata', JSON.stringify(name));
    }
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** A little-endian two's complement number of so many bytes. */
  long(length: number): number {
    if (length > 8) throw this.refused('LONG1', 'at most 8 bytes', `${length} bytes`);
    const at = this.#take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i]!);
    const signed = Number(BigInt.asIntN(8 * length, value));
    if (!Number.isSafeInteger(signed)) {
      throw this.refused('LONG1', 'a number below 2⁵³', String(signed));
    }
    return signed;
  }

  text(length: number): string {
    const at = this.#take(length);
    try {
      return UTF8.decode(this.#bytes.subarray(at, at + length));
    } catch {
      throw this.refused(this.#opcode(), 'UTF-8', 'other bytes');
    }
  }

  /** Up to a newline. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    const length = (end < 0 ? this.#bytes.length : end) - this.#at;
    if (end < 0 || length > MAX_LINE_BYTES) {
      throw this.refused(this.#opcode(), `a line of at most ${MAX_LINE_BYTES} bytes`, `${length}`);
    }
    const text = this.text(length);
    this.#at++;
    return text;
  }

  #take(length: number): number {
    const at = this.#at;
    const left = this.#bytes.length - at;
    if (length > left) {
      throw this.refused('the pickle ends too early', `${length} bytes`, `${left} bytes`);
    }
    this.#at += length;
    return at;
  }

  #top(): PickleValue {
    const top = this.#stack.at(-1);
    if (top === undefined) throw this.refused(this.#opcode(), 'a value', 'an empty stack');
    return top;
  }

  #asking<T>(f: () => T): T {
    try {
      return f();
    } catch (error) {
      if (!(error instanceof ValueRefused)) throw error;
      throw this.refused(error.message, error.expected, error.received);
    }
  }

  #wrongTarget(expected: string, received: PickleValue | undefined): PickleRefused {
    return this.refused(this.#opcode(), expected, describeValue(received));
  }

  #opcode(): string {
    return opcodeName(this.#bytes[this.#opcodeAt]!)!;
  }

  refused(message: string, expected: string, received: string): PickleRefused {
    return new PickleRefused({ message, offset: this.#opcodeAt, expected, received });
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function isKind<K extends Exclude<PickleValue, null | boolean | number | string>['kind']>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { kind: K }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}
