import { InternalError } from '@eddy/core/errors';
import type { TensorSpec } from '@eddy/core/tensor';

import type { GraphArgument, GraphResult } from '../../graph/graph.ts';
import { PjrtBuffer } from '../binding/buffer.ts';
import type { PjrtApi } from '../binding/api.ts';
import type { PjrtClient } from '../binding/client.ts';
import { allDone } from '../binding/event.ts';
import type { PjrtExecutable } from '../binding/executable.ts';
import type { HostData, Requests } from '../../process/protocol.ts';

const TRUE = { data: Uint8Array.of(1), spec: { shape: [], dtype: 'bool' } } as const;

/** Device tensors by name. */
export type BufferTree = Map<string, PjrtBuffer>;

export interface LoadedProgram {
  readonly executable: PjrtExecutable;
  readonly arguments: readonly GraphArgument[];
  readonly takesTrue: boolean;
  readonly results: readonly GraphResult[];
}

export interface StartedRun {
  /** The fetched outputs; whole when `done` resolves. */
  readonly arrays: readonly HostData[];
  /**
   * Buffers to destroy when the run is over. Not sooner: destroying one that was donated, or that an
   * execution has yet to write, waits for that execution.
   */
  readonly retired: PjrtBuffer[];
  readonly done: () => Promise<void>;
}

/**
 * Starts one run: uploads the inputs, executes, puts the new state into `tree`, and starts the
 * copies of what is fetched.
 */
export async function startRun(
  api: PjrtApi,
  client: PjrtClient,
  program: LoadedProgram,
  tree: BufferTree,
  request: Requests['run'],
  inputs: readonly HostData[],
): Promise<StartedRun> {
  const boundName = (name: string) => request.bind[name] ?? name;
  const retired: PjrtBuffer[] = [];
  const upload = (data: HostData, spec: TensorSpec) => {
    const buffer = client.upload(data, spec);
    retired.push(buffer);
    return buffer.pointer;
  };
  const destroyRetired = () => {
    for (const buffer of retired) buffer.destroy();
  };
  try {
    const args: bigint[] = [];
    let nextInput = 0;
    for (const argument of program.arguments) {
      if (argument.kind === 'state') {
        args.push(bufferOf(tree, boundName(argument.name)).pointer);
      } else {
        args.push(upload(inputs[nextInput++]!, argument.spec));
      }
    }
    if (program.takesTrue) args.push(upload(TRUE.data, TRUE.spec));
    const { results, finished } = await program.executable.execute(args);
    const fetched = new Map<string, ReturnType<PjrtBuffer['read']>>();
    for (const [index, result] of program.results.entries()) {
      const buffer = new PjrtBuffer(api, results[index]!, result.spec);
      if (result.kind === 'state') {
        const name = boundName(result.name);
        retired.push(bufferOf(tree, name));
        tree.set(name, buffer);
      } else {
        retired.push(buffer);
        if (request.fetch.includes(result.name)) fetched.set(result.name, buffer.read());
      }
    }
    const reads = request.fetch.map((name) => fetched.get(name)!);
    return {
      arrays: reads.map((read) => read.data),
      retired,
      done: async () => {
        try {
          await allDone([finished, ...reads.map((read) => read.copied)]);
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

export function bufferOf(tree: BufferTree, name: string): PjrtBuffer {
  const buffer = tree.get(name);
  if (buffer === undefined) throw new InternalError(`no tensor "${name}" in the device tree`);
  return buffer;
}
