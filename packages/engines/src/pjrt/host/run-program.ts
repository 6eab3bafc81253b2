import { InternalError } from '@eddy/tensor/errors';
import type { TensorSpec } from '@eddy/tensor/spec';

import type { GraphArgument, GraphResult } from '@eddy/compiler/graph';
import { wholeOf } from '@eddy/compiler/graph';
import { BYTES_PER_ELEMENT, sizeOf } from '@eddy/tensor/spec';
import { PjrtBuffer, typedView } from '../binding/buffer.ts';
import type { PjrtApi } from '../binding/api.ts';
import type { PjrtClient } from '../binding/client.ts';
import { allDone } from '../binding/event.ts';
import type { PjrtExecutable } from '../binding/executable.ts';
import type { HostData, Requests } from '../../process/protocol.ts';
import {
  inLayout,
  layoutOn,
  readTensor,
  uploadTensor,
  type DeviceTensor,
  type Layout,
} from './device-tensor.ts';

const TRUE = { data: Uint8Array.of(1), spec: { shape: [], dtype: 'bool' } } as const;

/** Device tensors by name. */
export type TensorMap = Map<string, DeviceTensor>;

export interface LoadedProgram {
  readonly executable: PjrtExecutable;
  /** The first ones, which run it together. */
  readonly devices: number;
  readonly arguments: readonly GraphArgument[];
  readonly takesTrue: boolean;
  readonly results: readonly GraphResult[];
  /** What each run allocates: scratch memory and results that take no argument's place. */
  readonly allocatedBytes: number;
}

export interface StartedRun {
  /** The fetched outputs, when `done` has resolved. */
  readonly arrays: () => readonly HostData[];
  /**
   * Buffers to destroy when the run is over. Not sooner: destroying one that was donated, or that an
   * execution has yet to write, waits for that execution.
   */
  readonly retired: PjrtBuffer[];
  readonly done: () => Promise<void>;
}

/** Tensors of a run that lie in memory that the supervisor has, too. */
export interface SharedMemoryTensors {
  readonly memory: Uint8Array;
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, number>>;
}

/**
 * Starts one run: uploads the inputs, executes, puts the new state into `tree`, and starts the
 * copies of what is fetched.
 */
export async function startRun(
  api: PjrtApi,
  client: PjrtClient,
  program: LoadedProgram,
  tree: TensorMap,
  request: Requests['run'],
  inputs: readonly HostData[],
  shared?: SharedMemoryTensors,
): Promise<StartedRun> {
  const { devices } = program;
  const boundName = (name: string) => request.bind[name] ?? name;
  const retired: PjrtBuffer[] = [];
  const upload = (data: HostData, spec: TensorSpec, layout: Layout) => {
    const tensor = uploadTensor(client, data, spec, layout, devices);
    retired.push(...tensor.buffers);
    return tensor;
  };
  const destroyRetired = () => {
    for (const buffer of retired) buffer.destroy();
  };
  try {
    const args: DeviceTensor[] = [];
    let nextInput = 0;
    for (const { kind, name, spec, share } of program.arguments) {
      const layout = layoutOn(devices, share);
      if (kind === 'state') {
        const tensor = tensorOf(tree, boundName(name));
        const placed = await inLayout(client, tensor, layout, devices);
        retired.push(...tensor.buffers.filter((buffer) => !placed.buffers.includes(buffer)));
        tree.set(boundName(name), placed);
        args.push(placed);
      } else {
        const whole = wholeOf(spec, share, devices);
        const offset = shared?.inputs[name];
        const data = offset === undefined ? inputs[nextInput++]! : viewAt(shared!, offset, whole);
        args.push(upload(data, whole, layout));
      }
    }
    if (program.takesTrue) args.push(upload(TRUE.data, TRUE.spec, layoutOn(devices, undefined)));
    const { results, finished } = await program.executable.execute(
      Array.from({ length: devices }, (_, device) =>
        args.map(({ buffers }) => buffers[device]!.pointer),
      ),
    );
    const fetched = new Map<string, ReturnType<typeof readTensor>>();
    const toShared: ReturnType<typeof readTensor>[] = [];
    for (const [index, { kind, name, spec, share }] of program.results.entries()) {
      const tensor: DeviceTensor = {
        spec: wholeOf(spec, share, devices),
        layout: layoutOn(devices, share),
        buffers: results.map((ofDevice) => new PjrtBuffer(api, ofDevice[index]!, spec)),
      };
      if (kind === 'state') {
        retired.push(...(tree.get(boundName(name))?.buffers ?? []));
        tree.set(boundName(name), tensor);
      } else {
        retired.push(...tensor.buffers);
        if (request.fetch.includes(name)) fetched.set(name, readTensor(tensor));
        const offset = shared?.outputs[name];
        if (offset !== undefined) {
          toShared.push(readTensor(tensor, shared!.memory.subarray(offset)));
        }
      }
    }
    const reads = request.fetch.map((name) => fetched.get(name)!);
    return {
      arrays: () => reads.map((read) => read.data()),
      retired,
      done: async () => {
        try {
          // Of the reads each once: whoever fetches a name twice gets one copy of it.
          const copied = [...fetched.values(), ...toShared].flatMap((read) => read.copied);
          await allDone([...finished, ...copied]);
        } finally {
          destroyRetired();
        }
      },
    };
  } catch (error) {
    destroyRetired();
    throw error;
  }
}

function viewAt({ memory }: SharedMemoryTensors, offset: number, spec: TensorSpec): HostData {
  const bytes = sizeOf(spec.shape) * BYTES_PER_ELEMENT[spec.dtype];
  return typedView(memory.subarray(offset, offset + bytes), spec);
}

export function tensorOf(tree: TensorMap, name: string): DeviceTensor {
  const tensor = tree.get(name);
  if (tensor === undefined) throw new InternalError(`no tensor "${name}" in the device tree`);
  return tensor;
}
