/** A loaded PJRT plugin: its function table, and calls that raise its errors. */
import { promisify } from 'node:util';

import koffi, { type LibraryHandle } from 'koffi';

import { statusCode } from '../../process/status-code.ts';
import { FUNCTION_TABLE } from './function-table.ts';
import { textAt, viewOf } from './native-memory.ts';
import { PjrtError } from './pjrt-error.ts';
import type { Struct, StructLayout } from './struct-layout.ts';
import { STRUCTS, type FunctionName } from './structs.ts';

/** The fields of `PJRT_Api` before its function pointers: size, extensions, version. */
const VERSION_OFFSET = 16;
const TABLE_OFFSET = 40;

type FieldsOf<L> = L extends StructLayout<infer F> ? F : never;
export type Arguments<N extends FunctionName> = Struct<FieldsOf<(typeof STRUCTS)[N]>>;
type Values<N extends FunctionName> = Parameters<(typeof STRUCTS)[N]['create']>[0];

type NativeFunction = ((args: Uint8Array) => unknown) & {
  readonly async: (args: Uint8Array, done: (error: unknown, result: unknown) => void) => void;
};

export class PjrtApi {
  readonly majorVersion: number;
  readonly minorVersion: number;
  /** Kept, since koffi unloads a library whose handle is garbage. */
  readonly #library: LibraryHandle;
  readonly #functions = new Map<string, NativeFunction>();
  /** What native threads are reading: referenced here so that it isn't collected. */
  readonly #inUse = new Set<readonly unknown[]>();

  /** Loads a plugin's shared library and initialises it. */
  constructor(pluginPath: string) {
    // XLA's passes recurse deeply and run on the stacks that koffi allots to calls.
    koffi.config({
      sync_stack_size: 16 << 20,
      async_stack_size: 16 << 20,
      resident_async_pools: 8,
    });
    this.#library = koffi.load(pluginPath);
    const getApi = this.#library.func('void *GetPjrtApi()') as () => unknown;
    const address = koffi.address(getApi());
    const structSize = new DataView(koffi.view(address, 8)).getBigUint64(0, true);
    const bytes = viewOf(address, structSize);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.majorVersion = view.getInt32(VERSION_OFFSET + 16, true);
    this.minorVersion = view.getInt32(VERSION_OFFSET + 20, true);

    const prototype = koffi.proto('void *', ['void *']);
    for (const [index, name] of FUNCTION_TABLE.entries()) {
      const offset = TABLE_OFFSET + 8 * index;
      if (offset + 8 > view.byteLength) break;
      const pointer = view.getBigUint64(offset, true);
      if (pointer === 0n) continue;
      this.#functions.set(name, koffi.decode(pointer, prototype) as NativeFunction);
    }
    this.call('PJRT_Plugin_Initialize', {});
  }

  has(name: FunctionName): boolean {
    return this.#functions.has(name);
  }

  /**
   * Calls a PJRT function and returns its argument struct, where the results are.
   *
   * @param pointedTo  the arrays whose addresses are in `values`: an address keeps nothing alive, and
   *   a variable that is not read again may be collected before the call.
   * @throws PjrtError with the plugin's message.
   */
  call<N extends FunctionName>(
    name: N,
    values: Values<N>,
    pointedTo: readonly unknown[] = [],
  ): Arguments<N> {
    this.#inUse.add(pointedTo);
    try {
      const args = this.#arguments(name, values);
      this.#check(name, this.#function(name)(args.bytes));
      return args;
    } finally {
      this.#inUse.delete(pointedTo);
    }
  }

  /**
   * As `call`, on a thread of its own: for what takes long.
   *
   * @param pointedTo  as of `call`.
   */
  async callAsync<N extends FunctionName>(
    name: N,
    values: Values<N>,
    pointedTo: readonly unknown[] = [],
  ): Promise<Arguments<N>> {
    const args = this.#arguments(name, values);
    const inUse = [args, ...pointedTo];
    this.#inUse.add(inUse);
    try {
      const call = promisify(this.#function(name).async);
      this.#check(name, await call(args.bytes));
      return args;
    } finally {
      this.#inUse.delete(inUse);
    }
  }

  #arguments<N extends FunctionName>(name: N, values: Values<N>): Arguments<N> {
    const layout = STRUCTS[name] as unknown as StructLayout<FieldsOf<(typeof STRUCTS)[N]>>;
    return layout.create(values as Parameters<typeof layout.create>[0]);
  }

  #function(name: FunctionName): NativeFunction {
    const native = this.#functions.get(name);
    if (native === undefined) {
      const version = `${this.majorVersion}.${this.minorVersion}`;
      throw new PjrtError(name, 'UNIMPLEMENTED', `not part of the plugin's PJRT API ${version}`);
    }
    return native;
  }

  #check(name: FunctionName, error: unknown): void {
    if (error === null || error === undefined) return;
    const pointer = koffi.address(error);
    if (pointer === 0n) return;
    const message = this.#run('PJRT_Error_Message', { error: pointer });
    const code = this.#run('PJRT_Error_GetCode', { error: pointer }).get('code');
    const text = textAt(message.get('message'), message.get('message_size'));
    this.#run('PJRT_Error_Destroy', { error: pointer });
    throw new PjrtError(name, statusCode(code), text);
  }

  /** The error functions cannot fail. */
  #run<N extends FunctionName>(name: N, values: Values<N>): Arguments<N> {
    const args = this.#arguments(name, values);
    this.#function(name)(args.bytes);
    return args;
  }
}
