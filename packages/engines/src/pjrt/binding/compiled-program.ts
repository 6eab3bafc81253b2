import koffi from 'koffi';

import type { PjrtApi } from './api.ts';
import { viewOf } from './native-memory.ts';
import { PjrtError } from './pjrt-error.ts';

const DELETER = koffi.proto('void', ['void *']);

export interface CompiledMemory {
  readonly argumentBytes: number;
  readonly outputBytes: number;
  /** Of the outputs, what lives in donated arguments. */
  readonly aliasBytes: number;
  readonly temporaryBytes: number;
}

/** What a compiler made, whether or not a device here can run it. */
export class CompiledProgram {
  readonly #api: PjrtApi;
  readonly #executable: bigint;

  constructor(api: PjrtApi, executable: bigint) {
    this.#api = api;
    this.#executable = executable;
  }

  get numOutputs(): number {
    return Number(
      this.#api
        .call('PJRT_Executable_NumOutputs', { executable: this.#executable })
        .get('num_outputs'),
    );
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
  }
}
