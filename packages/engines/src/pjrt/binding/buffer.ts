import { BYTES_PER_ELEMENT, sizeOf, type TensorSpec } from '@eddy/tensor/spec';

import type { HostData } from '../../process/protocol.ts';
import type { PjrtApi } from './api.ts';
import { PjrtEvent } from './event.ts';
import { addressOf } from './native-memory.ts';

/** `PJRT_Buffer_Type` of the dtypes that cross the border. */
export const ELEMENT_TYPES = { bool: 1, int32: 4, float32: 11 } as const;

/** A tensor on the device. */
export class PjrtBuffer {
  readonly spec: TensorSpec;
  readonly pointer: bigint;
  readonly #api: PjrtApi;

  constructor(api: PjrtApi, pointer: bigint, spec: TensorSpec) {
    this.#api = api;
    this.pointer = pointer;
    this.spec = spec;
  }

  /**
   * Starts the copy to the host; `data` is whole when `copied` is done.
   *
   * @param into  memory for it; new memory by default
   */
  read(into?: Uint8Array): { readonly data: HostData; readonly copied: PjrtEvent | null } {
    const bytes = sizeOf(this.spec.shape) * BYTES_PER_ELEMENT[this.spec.dtype];
    // Not zero-filled: the copy overwrites all of it.
    const data = typedView(into?.subarray(0, bytes) ?? Buffer.allocUnsafeSlow(bytes), this.spec);
    if (bytes === 0) return { data, copied: null };
    const values = { src: this.pointer, dst: addressOf(data), dst_size: BigInt(bytes) };
    const event = this.#api.call('PJRT_Buffer_ToHostBuffer', values, [data]).get('event');
    return { data, copied: new PjrtEvent(this.#api, event) };
  }

  /** A second buffer with the same contents. */
  copyTo(memory: bigint): PjrtBuffer {
    const copied = this.#api.call('PJRT_Buffer_CopyToMemory', {
      buffer: this.pointer,
      dst_memory: memory,
    });
    return new PjrtBuffer(this.#api, copied.get('dst_buffer'), this.spec);
  }

  /** Frees the device memory once nothing that was started needs it any more. */
  destroy(): void {
    this.#api.call('PJRT_Buffer_Destroy', { buffer: this.pointer });
  }
}

/** The bytes as the elements of a tensor. */
export function typedView(bytes: Uint8Array, spec: TensorSpec): HostData {
  const { buffer, byteOffset, byteLength } = bytes;
  switch (spec.dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case 'int32':
      return new Int32Array(buffer, byteOffset, byteLength / 4);
    case 'bool':
      return new Uint8Array(buffer, byteOffset, byteLength);
  }
}
