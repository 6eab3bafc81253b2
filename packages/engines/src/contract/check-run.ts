import type { RunOptions } from '@eddy/core';
import { sizeOf, type HostTree, type SpecTree, type TensorSpec } from '@eddy/tensor';

import { bindConflict, inputMismatch } from './errors.ts';

/** The names, shapes and dtypes that an executable was made for. */
export interface Signature {
  readonly name: string;
  readonly state: SpecTree;
  readonly inputs: SpecTree;
  readonly outputs: SpecTree;
}

/**
 * Checks a run's arguments before anything is sent or computed.
 *
 * @param specOf  of a tensor of the device tree; throws STATE_MISSING.
 * @throws STATE_MISSING, INPUT_MISMATCH, BIND_CONFLICT
 */
export function checkRun(
  signature: Signature,
  specOf: (name: string) => TensorSpec,
  inputs: HostTree,
  { fetch = [], bind = {} }: RunOptions,
): void {
  const program = signature.name;
  const boundTo = new Map<string, string>();
  for (const [name, spec] of Object.entries(signature.state)) {
    const target = bind[name] ?? name;
    const other = boundTo.get(target);
    if (other !== undefined) throw bindConflict({ program, target, names: [other, name] });
    boundTo.set(target, name);
    const received = specOf(target);
    if (!sameSpec(received, spec)) {
      const facts = { expected: formatSpec(spec), received: formatSpec(received) };
      throw inputMismatch({ program, input: target, ...facts });
    }
  }
  for (const [name, spec] of Object.entries(signature.inputs)) {
    const input = inputs[name];
    if (input !== undefined && sameSpec(input, spec) && input.data.length === sizeOf(spec.shape)) {
      continue;
    }
    const received =
      input === undefined ? 'nothing' : `${formatSpec(input)} of ${input.data.length} elements`;
    throw inputMismatch({ program, input: name, expected: formatSpec(spec), received });
  }
  for (const name of fetch) {
    if (Object.hasOwn(signature.outputs, name)) continue;
    const expected = `one of ${Object.keys(signature.outputs).join(', ')}`;
    throw inputMismatch({ program, input: 'fetch', expected, received: name });
  }
}

export function sameSpec(a: TensorSpec, b: TensorSpec): boolean {
  return (
    a.dtype === b.dtype &&
    a.shape.length === b.shape.length &&
    a.shape.every((dim, axis) => dim === b.shape[axis])
  );
}

/** `float32[32, 81]` */
export function formatSpec(spec: TensorSpec): string {
  return `${spec.dtype}[${spec.shape.join(', ')}]`;
}
