/**
 * The callbacks by which a plugin's processes on several hosts find one another. A plugin calls them
 * from threads of its own; koffi runs them on ours, one at a time, and the plugin's thread waits.
 */
import koffi from 'koffi';

import { statusNumber, type StatusCode } from '../../process/status-code.ts';
import { addressOf, pointersAt, textAt, viewOf } from './native-memory.ts';
import { Struct, type Fields, type StructLayout } from './struct-layout.ts';
import { KEY_VALUE_GET, KEY_VALUE_PUT, KEY_VALUE_TRY_GET } from './structs.ts';

/** A store that answers while its caller waits; see `BlockingKeyValues`. */
export interface KeyValues {
  put(key: string, value: Uint8Array): void;
  /** Null where nobody has put it within so many milliseconds. */
  get(key: string, timeoutMs: number): Uint8Array | null;
}

type Arguments = Struct<Fields>;

const CALLBACK = koffi.proto('void *', ['void *']);
const DELETER = koffi.proto('void', ['void *']);
const MAKE_ERROR = koffi.proto('void *', ['int', 'void *', 'size_t']);

export class KeyValueCallbacks {
  /** Addresses for `PJRT_Client_Create`. */
  readonly get: bigint;
  readonly tryGet: bigint;
  readonly put: bigint;
  readonly #deleter: bigint;
  /** Values that the plugin has not copied yet, by address. */
  readonly #lent = new Map<bigint, Buffer>();

  constructor(store: KeyValues) {
    this.#deleter = koffi.register(
      (value: unknown) => void this.#lent.delete(koffi.address(value)),
      koffi.pointer(DELETER),
    );
    this.get = this.#register(KEY_VALUE_GET, (args) => {
      const key = keyOf(args);
      const value = store.get(key, args.get('timeout_in_ms') as number);
      if (value === null) return fail(args, 'DEADLINE_EXCEEDED', `nobody has put ${key}`);
      return this.#lend(args, value);
    });
    this.tryGet = this.#register(KEY_VALUE_TRY_GET, (args) => {
      const key = keyOf(args);
      const value = store.get(key, 0);
      if (value === null) return fail(args, 'NOT_FOUND', `nobody has put ${key}`);
      return this.#lend(args, value);
    });
    this.put = this.#register(KEY_VALUE_PUT, (args) => {
      const native = viewOf(pointer(args, 'value'), pointer(args, 'value_size'));
      store.put(keyOf(args), Uint8Array.from(native));
      return 0n;
    });
  }

  /** Not while a plugin may still call. */
  dispose(): void {
    for (const callback of [this.get, this.tryGet, this.put, this.#deleter]) {
      koffi.unregister(callback);
    }
  }

  #register(layout: StructLayout<Fields>, f: (args: Arguments) => bigint): bigint {
    const callback = (pointer: unknown): bigint => {
      const args = new Struct(layout, viewOf(koffi.address(pointer), BigInt(layout.sizeBytes)));
      try {
        return f(args);
      } catch (error) {
        return fail(args, 'UNAVAILABLE', String(error));
      }
    };
    return koffi.register(callback, koffi.pointer(CALLBACK));
  }

  #lend(args: Arguments, value: Uint8Array): bigint {
    const lent = Buffer.allocUnsafeSlow(Math.max(value.length, 1));
    lent.set(value);
    const address = addressOf(lent);
    this.#lent.set(address, lent);
    args.set('value', address);
    args.set('value_size', BigInt(value.length));
    args.set('value_deleter_callback', this.#deleter);
    return 0n;
  }
}

/** An error of the plugin's own making, by the function that it gives for that. */
function fail(args: Arguments, code: StatusCode, message: string): bigint {
  const [makeError] = pointersAt(pointer(args, 'callback_error'), 1n);
  const text = Buffer.from(message);
  const error = koffi.call(
    makeError!,
    MAKE_ERROR,
    statusNumber(code),
    addressOf(text),
    text.length,
  ) as unknown;
  return koffi.address(error);
}

function keyOf(args: Arguments): string {
  return textAt(pointer(args, 'key'), pointer(args, 'key_size'));
}

/** Pointers and sizes are 64-bit integers. */
function pointer(args: Arguments, field: string): bigint {
  return args.get(field) as bigint;
}
