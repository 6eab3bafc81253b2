import type { PjrtApi } from './api.ts';
import { compileArguments } from './compile-arguments.ts';
import { CompiledProgram } from './compiled-program.ts';
import { encodeNamedValues, type NamedValues } from './named-values.ts';
import { addressOf, textAt } from './native-memory.ts';

/** Devices that need not be here, to compile for. */
export class PjrtTopology {
  readonly platformName: string;
  readonly platformVersion: string;
  readonly #api: PjrtApi;
  readonly #topology: bigint;

  /**
   * @param options  by the plugin's names: `target_config` says what the GPU is like, in XLA's text form;
   *   `topology` counts them, as slices x hosts x devices.
   * @throws PjrtError for a description that the plugin does not understand.
   */
  constructor(api: PjrtApi, options: NamedValues) {
    const { address, count, owned } = encodeNamedValues(options);
    const name = Buffer.from('described');
    this.#api = api;
    this.#topology = api
      .call(
        'PJRT_TopologyDescription_Create',
        {
          topology_name: addressOf(name),
          topology_name_size: BigInt(name.length),
          create_options: address,
          num_options: count,
        },
        [name, owned],
      )
      .get('topology');
    const platform = api.call('PJRT_TopologyDescription_PlatformName', {
      topology: this.#topology,
    });
    this.platformName = textAt(platform.get('platform_name'), platform.get('platform_name_size'));
    const version = api.call('PJRT_TopologyDescription_PlatformVersion', {
      topology: this.#topology,
    });
    this.platformVersion = textAt(
      version.get('platform_version'),
      version.get('platform_version_size'),
    );
  }

  /** Compiles one StableHLO module on a thread of its own. */
  async compile(text: string, devices = 1): Promise<CompiledProgram> {
    const { values, pointedTo } = compileArguments(text, devices);
    const compiled = await this.#api.callAsync(
      'PJRT_Compile',
      { topology: this.#topology, ...values },
      pointedTo,
    );
    return new CompiledProgram(this.#api, compiled.get('executable'));
  }
}
