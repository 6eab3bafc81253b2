import koffi from 'koffi';

import type { PjrtApi } from './api.ts';
import { PjrtEvent } from './event.ts';
import { addressOf, viewOf } from './native-memory.ts';
import { PjrtError } from './pjrt-error.ts';
import { EXECUTE_OPTIONS } from './structs.ts';

const DELETER = koffi.proto('void', ['void *']);

export interface CompiledMemory {
  readonly argumentBytes: number;
  readonly outputBytes: number;
  /** Of the outputs, what lives in donated arguments. */
  readonly aliasBytes: number;
  readonly temporaryBytes: number;
}

/** A compiled program, loaded on the first device or the first few. */
export class PjrtExecutable {
  readonly #api: PjrtApi;
  readonly #loaded: bigint;
  readonly #executable: bigint;
  readonly #numOutputs: number;
  readonly #options = EXECUTE_OPTIONS.create();

  constructor(api: PjrtApi, loaded: bigint) {
    this.#api = api;
    this.#loaded = loaded;
    this.#executable = api
      .call('PJRT_LoadedExecutable_GetExecutable', { loaded_executable: loaded })
      .get('executable');
    this.#numOutputs = Number(
      api.call('PJRT_Executable_NumOutputs', { executable: this.#executable }).get('num_outputs'),
    );
  }

  /**
   * Starts one execution on each device. Donated arguments are gone from here on; results may be passed on at
   * once, and exist when `finished` is done.
   *
   * @param args  one list a device
   * @returns one list of results a device
   *
   * On a thread of its own, since XLA:CPU computes some programs (long loops were seen) in the call.
   */
  async execute(
    args: readonly (readonly bigint[])[],
  ): Promise<{ results: readonly BigUint64Array[]; finished: readonly PjrtEvent[] }> {
    const ofDevices = args.map((list) => BigUint64Array.from(list));
    const argumentLists = BigUint64Array.from(ofDevices, addressOf);
    const results = args.map(() => new BigUint64Array(this.#numOutputs));
    const resultLists = BigUint64Array.from(results, addressOf);
    const completeEvents = new BigUint64Array(args.length);
    await this.#api.callAsync(
      'PJRT_LoadedExecutable_Execute',
      {
        executable: this.#loaded,
        options: addressOf(this.#options.bytes),
        argument_lists: addressOf(argumentLists),
        num_devices: BigInt(args.length),
        num_args: BigInt(args[0]!.length),
        output_lists: addressOf(resultLists),
        device_complete_events: addressOf(completeEvents),
      },
      [ofDevices, argumentLists, results, resultLists, completeEvents],
    );
    const finished = Array.from(completeEvents, (event) => new PjrtEvent(this.#api, event));
    return { results, finished };
  }

  /** Undefined where the plugin doesn't tell. */
  memory(): CompiledMemory | undefined {
    try {
      const stats = this.#api.call('PJRT_Executable_GetCompiledMemoryStats', {
        executable: this.#executable,
      });
      return {
        argumentBytes: Number(stats.get('argument_size_in_bytes')),
        outputBytes: Number(stats.get('output_size_in_bytes')),
        aliasBytes: Number(stats.get('alias_size_in_bytes')),
        temporaryBytes: Number(stats.get('temp_size_in_bytes')),
      };
    } catch (error) {
      if (error instanceof PjrtError && error.code === 'UNIMPLEMENTED') return undefined;
      throw error;
    }
  }

  /** Bytes that `PjrtClient.load` takes. */
  serialize(): Uint8Array {
    const serialized = this.#api.call('PJRT_Executable_Serialize', {
      executable: this.#executable,
    });
    const native = viewOf(
      serialized.get('serialized_bytes'),
      serialized.get('serialized_bytes_size'),
    );
    const bytes = Uint8Array.from(native);
    koffi.call(
      serialized.get('serialized_executable_deleter'),
      DELETER,
      serialized.get('serialized_executable'),
    );
    return bytes;
  }

  destroy(): void {
    this.#api.call('PJRT_Executable_Destroy', { executable: this.#executable });
    this.#api.call('PJRT_LoadedExecutable_Destroy', { executable: this.#loaded });
  }
}
