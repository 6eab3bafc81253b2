import type { TensorSpec } from '@eddy/tensor';

import type { HostData } from '../../process/protocol.ts';
import type { PjrtApi } from './api.ts';
import { ELEMENT_TYPES, PjrtBuffer } from './buffer.ts';
import { compileArguments } from './compile-arguments.ts';
import { PjrtEvent } from './event.ts';
import { PjrtExecutable } from './executable.ts';
import { encodeNamedValues, textsAt, type NamedValues } from './named-values.ts';
import { addressOf, pointersAt, textAt } from './native-memory.ts';
import { PjrtError } from './pjrt-error.ts';

/** `PJRT_HostBufferSemantics_kImmutableOnlyDuringCall`: the call returns when it has its own copy. */
const COPY_DURING_CALL = 0;

export interface DeviceMemory {
  readonly bytesInUse: number;
  readonly peakBytes?: number;
  readonly limitBytes?: number;
}

interface Device {
  readonly device: bigint;
  readonly memory: bigint;
}

/** A plugin's devices, and what is made on them. */
export class PjrtClient {
  readonly platformName: string;
  readonly platformVersion: string;
  readonly deviceCount: number;
  /** `cpu`, `NVIDIA H200` … */
  readonly deviceKind: string;
  /** Of an NVIDIA GPU: `9.0`. */
  readonly computeCapability: string | undefined;
  readonly #api: PjrtApi;
  readonly #client: bigint;
  readonly #devices: readonly Device[];

  private constructor(api: PjrtApi, client: bigint) {
    this.#api = api;
    this.#client = client;
    const name = api.call('PJRT_Client_PlatformName', { client });
    this.platformName = textAt(name.get('platform_name'), name.get('platform_name_size'));
    const version = api.call('PJRT_Client_PlatformVersion', { client });
    this.platformVersion = textAt(
      version.get('platform_version'),
      version.get('platform_version_size'),
    );
    const listed = api.call('PJRT_Client_AddressableDevices', { client });
    const devices = pointersAt(
      listed.get('addressable_devices'),
      listed.get('num_addressable_devices'),
    );
    const [device] = devices;
    if (device === undefined) throw new PjrtError('PJRT_Client_Create', 'NOT_FOUND', 'no devices');
    this.deviceCount = devices.length;
    this.#devices = devices.map((each) => ({
      device: each,
      memory: api.call('PJRT_Device_DefaultMemory', { device: each }).get('memory'),
    }));
    const description = {
      device_description: api
        .call('PJRT_Device_GetDescription', { device })
        .get('device_description'),
    };
    const attributes = api.call('PJRT_DeviceDescription_Attributes', description);
    this.computeCapability = textsAt(
      attributes.get('attributes'),
      attributes.get('num_attributes'),
    )['compute_capability'];
    const kind = api.call('PJRT_DeviceDescription_Kind', description);
    this.deviceKind = textAt(kind.get('device_kind'), kind.get('device_kind_size'));
  }

  /**
   * Creates the client on a thread of its own.
   *
   * @throws PjrtError for options that the plugin does not know.
   */
  static async create(api: PjrtApi, options: NamedValues = {}): Promise<PjrtClient> {
    const { address, count, owned } = encodeNamedValues(options);
    const created = await api.callAsync(
      'PJRT_Client_Create',
      {
        create_options: address,
        num_options: count,
      },
      [owned],
    );
    return new PjrtClient(api, created.get('client'));
  }

  /**
   * Compiles one StableHLO module on a thread of its own.
   *
   * @param devices  that run it together: the first ones.
   */
  async compile(text: string, devices = 1): Promise<PjrtExecutable> {
    const { values, pointedTo } = compileArguments(text, devices);
    const compiled = await this.#api.callAsync(
      'PJRT_Client_Compile',
      { client: this.#client, ...values },
      pointedTo,
    );
    return new PjrtExecutable(this.#api, compiled.get('executable'));
  }

  /** Loads what `PjrtExecutable.serialize` returned, from the same plugin on the same CPU. */
  async load(serialized: Uint8Array): Promise<PjrtExecutable> {
    const loaded = await this.#api.callAsync(
      'PJRT_Executable_DeserializeAndLoad',
      {
        client: this.#client,
        serialized_executable: addressOf(serialized),
        serialized_executable_size: BigInt(serialized.length),
      },
      [serialized],
    );
    return new PjrtExecutable(this.#api, loaded.get('loaded_executable'));
  }

  /** Copies a host array to a device; `data` is free again when this returns. */
  upload(data: HostData, spec: TensorSpec, device = 0): PjrtBuffer {
    const dims = BigInt64Array.from(spec.shape, BigInt);
    const uploaded = this.#api.call(
      'PJRT_Client_BufferFromHostBuffer',
      {
        client: this.#client,
        data: addressOf(data),
        type: ELEMENT_TYPES[spec.dtype],
        dims: addressOf(dims),
        num_dims: BigInt(dims.length),
        host_buffer_semantics: COPY_DURING_CALL,
        device: this.#devices[device]!.device,
      },
      [data, dims],
    );
    new PjrtEvent(this.#api, uploaded.get('done_with_host_buffer')).release();
    return new PjrtBuffer(this.#api, uploaded.get('buffer'), spec);
  }

  /** @param device  where the copy is to be. */
  copy(buffer: PjrtBuffer, device = 0): PjrtBuffer {
    return buffer.copyTo(this.#devices[device]!.memory);
  }

  /** Memory of the first device, or undefined where the plugin keeps no count (CPU). */
  memory(): DeviceMemory | undefined {
    try {
      const stats = this.#api.call('PJRT_Device_MemoryStats', {
        device: this.#devices[0]!.device,
      });
      return {
        bytesInUse: Number(stats.get('bytes_in_use')),
        ...(stats.get('peak_bytes_in_use_is_set') !== 0 && {
          peakBytes: Number(stats.get('peak_bytes_in_use')),
        }),
        ...(stats.get('bytes_limit_is_set') !== 0 && {
          limitBytes: Number(stats.get('bytes_limit')),
        }),
      };
    } catch (error) {
      if (error instanceof PjrtError && error.code === 'UNIMPLEMENTED') return undefined;
      throw error;
    }
  }
}
