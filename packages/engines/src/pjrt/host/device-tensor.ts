/** Tensors of a tree, on one device or several. */
import type { TensorSpec } from '@eddy/core/tensor';

import { partOf } from '../../graph/split.ts';
import type { HostData } from '../../process/protocol.ts';
import type { PjrtBuffer } from '../binding/buffer.ts';
import type { PjrtClient } from '../binding/client.ts';
import { allDone, type PjrtEvent } from '../binding/event.ts';
import { cut, join } from '../../process/parts.ts';

/** Whole on the first device; whole on each; or the axis along which each device holds its part. */
export type Layout = 'first' | 'each' | number;

export interface DeviceTensor {
  /** Of the whole. */
  readonly spec: TensorSpec;
  readonly layout: Layout;
  /** One a device. */
  readonly buffers: readonly PjrtBuffer[];
}

export function layoutOn(devices: number, splitAxis: number | undefined): Layout {
  return devices === 1 ? 'first' : (splitAxis ?? 'each');
}

export function uploadTensor(
  client: PjrtClient,
  data: HostData,
  spec: TensorSpec,
  layout: Layout,
  devices: number,
): DeviceTensor {
  const count = layout === 'first' ? 1 : devices;
  const parts = typeof layout === 'number' ? cut(data, spec.shape, layout, count) : undefined;
  const part = typeof layout === 'number' ? partOf(spec, layout, count) : spec;
  const buffers = Array.from({ length: count }, (_, device) =>
    client.upload(parts?.[device] ?? data, part, device),
  );
  return { spec, layout, buffers };
}

/**
 * The tensor in another layout. Buffers that both have are the same; the caller frees the rest. A copy
 * from device to device where the whole is on one, by way of the host where parts are made or joined.
 */
export async function inLayout(
  client: PjrtClient,
  tensor: DeviceTensor,
  layout: Layout,
  devices: number,
): Promise<DeviceTensor> {
  const { spec, buffers } = tensor;
  const [first] = buffers;
  if (tensor.layout === layout || (tensor.layout === 'each' && layout === 'first')) return tensor;
  if (tensor.layout === 'first' && layout === 'each') {
    const others = Array.from({ length: devices - 1 }, (_, i) => client.copy(first!, i + 1));
    return { spec, layout, buffers: [first!, ...others] };
  }
  const { copied, data } = readTensor(tensor);
  await allDone(copied);
  return uploadTensor(client, data(), spec, layout, devices);
}

/** Starts the copy to the host; `data` makes the whole when all are `copied`. */
export function readTensor({ spec, layout, buffers }: DeviceTensor): {
  readonly copied: readonly (PjrtEvent | null)[];
  readonly data: () => HostData;
} {
  const isCut = typeof layout === 'number';
  const reads = (isCut ? buffers : buffers.slice(0, 1)).map((buffer) => buffer.read());
  return {
    copied: reads.map((read) => read.copied),
    data: () => {
      const parts = reads.map((read) => read.data);
      return isCut ? join(parts, spec.shape, layout) : parts[0]!;
    },
  };
}

/** A second tensor with the same contents. */
export function copyTensor(client: PjrtClient, tensor: DeviceTensor): DeviceTensor {
  return {
    ...tensor,
    buffers: tensor.buffers.map((buffer, device) => client.copy(buffer, device)),
  };
}
