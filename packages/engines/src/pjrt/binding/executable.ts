import type { PjrtApi } from './api.ts';
import { CompiledProgram } from './compiled-program.ts';
import { PjrtEvent } from './event.ts';
import { addressOf } from './native-memory.ts';
import { EXECUTE_OPTIONS } from './structs.ts';

/** A compiled program, loaded on the first device or the first few. */
export class PjrtExecutable {
  readonly compiled: CompiledProgram;
  readonly #api: PjrtApi;
  readonly #loaded: bigint;
  readonly #numOutputs: number;
  readonly #options = EXECUTE_OPTIONS.create();

  constructor(api: PjrtApi, loaded: bigint) {
    this.#api = api;
    this.#loaded = loaded;
    this.compiled = new CompiledProgram(
      api,
      api
        .call('PJRT_LoadedExecutable_GetExecutable', { loaded_executable: loaded })
        .get('executable'),
    );
    this.#numOutputs = this.compiled.numOutputs;
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

  destroy(): void {
    this.compiled.destroy();
    this.#api.call('PJRT_LoadedExecutable_Destroy', { executable: this.#loaded });
  }
}
