/** Tensors of a tree, on one device or several. */
import type { Share } from '@eddy/tensor';
import { zeros, type TensorSpec } from '@eddy/tensor/spec';

import { partOf } from '@eddy/compiler/graph';
import type { HostData } from '../../process/protocol.ts';
import type { PjrtBuffer } from '../binding/buffer.ts';
import type { PjrtClient } from '../binding/client.ts';
import { allDone, type PjrtEvent } from '../binding/event.ts';
import { cut, join } from '../../process/parts.ts';

/** Whole on each device that has it; or what each has of the whole. */
export type Layout = 'each' | Share;

/** Zeros that no program has wanted yet: they are made where the first one wants them. */
export type Unplaced = 'unplaced';

export interface DeviceTensor {
  /** Of the whole. */
  readonly spec: TensorSpec;
  readonly layout: Layout | Unplaced;
  /** One a device, from the first on; none of what is unplaced. */
  readonly buffers: readonly PjrtBuffer[];
}

export function layoutOn(devices: number, share: Share | undefined): Layout {
  return devices === 1 ? 'each' : (share ?? 'each');
}

export function uploadTensor(
  client: PjrtClient,
  data: HostData,
  spec: TensorSpec,
  layout: Layout,
  devices: number,
): DeviceTensor {
  const parts = layout === 'each' ? undefined : cut(data, spec.shape, layout, devices);
  const part = layout === 'each' ? spec : partOf(spec, layout, devices);
  const buffers = Array.from({ length: devices }, (_, device) =>
    client.upload(parts?.[device] ?? data, part, device),
  );
  return { spec, layout, buffers };
}

export function newZeros(spec: TensorSpec): DeviceTensor {
  return { spec, layout: 'unplaced', buffers: [] };
}

/** Of zeros all parts are the same. */
function placeZeros(
  client: PjrtClient,
  spec: TensorSpec,
  layout: Layout,
  devices: number,
): DeviceTensor {
  const part = layout === 'each' ? spec : partOf(spec, layout, devices);
  const { data } = zeros(part);
  const buffers = Array.from({ length: devices }, (_, device) => client.upload(data, part, device));
  return { spec, layout, buffers };
}

/**
 * The tensor as so many devices need it. Buffers that both have are the same; the caller frees the rest.
 * A copy from device to device where the whole is on some, by way of the host where parts are made or joined.
 */
export async function inLayout(
  client: PjrtClient,
  tensor: DeviceTensor,
  layout: Layout,
  devices: number,
): Promise<DeviceTensor> {
  const { spec, buffers } = tensor;
  if (tensor.layout === 'unplaced') return placeZeros(client, spec, layout, devices);
  const present = buffers.length;
  if (tensor.layout === layout && present === devices) return tensor;
  if (tensor.layout === 'each' && layout === 'each') {
    const others = Array.from({ length: devices - present }, (_, i) =>
      client.copy(buffers[0]!, present + i),
    );
    return { spec, layout, buffers: [...buffers, ...others] };
  }
  const { copied, data } = readTensor(tensor);
  await allDone(copied);
  return uploadTensor(client, data(), spec, layout, devices);
}

/**
 * Starts the copy to the host; `data` makes the whole when all are `copied`.
 *
 * @param into  memory for what is whole on each device
 */
export function readTensor(
  { spec, layout, buffers }: DeviceTensor,
  into?: Uint8Array,
): {
  readonly copied: readonly (PjrtEvent | null)[];
  readonly data: () => HostData;
} {
  if (layout === 'unplaced') return { copied: [], data: () => zeros(spec).data };
  const reads =
    layout === 'each' ? [buffers[0]!.read(into)] : buffers.map((buffer) => buffer.read());
  return {
    copied: reads.map((read) => read.copied),
    data: () => {
      const parts = reads.map((read) => read.data);
      return layout === 'each' ? parts[0]! : join(parts, spec.shape, layout);
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
