/** What the parts of a model must keep to. Broken contracts are found while the program is traced. */
import type { Tensor } from '@tensorflow/tfjs-core';

import { modelPartInvalid } from './errors.ts';
import type { Latents, Readout, RecurrentNetwork } from './contract.ts';
import type { Halting } from './halting.ts';
import type { Parameters } from './parameters.ts';

/** Names that the carry uses beside the latents. */
const CARRIED = ['steps', 'halted', 'answered', 'inputs', 'labels', 'puzzleIdentifiers'];

/** @throws MODEL_PART_INVALID if `value` is no tensor of that shape. */
export function requireShape(
  at: string,
  value: Tensor | undefined,
  expected: readonly number[],
): void {
  const shape = (value as Partial<Tensor> | undefined)?.shape;
  if (shape?.join() === expected.join()) return;
  throw modelPartInvalid({
    at,
    expected: shapeText(expected),
    received: shape === undefined ? 'no tensor' : shapeText(shape),
    fix: `return a tensor of shape ${shapeText(expected)} there`,
  });
}

/** @throws MODEL_PART_INVALID if `after` does not have the latents of `before`, each in its shape. */
export function requireLatents(at: string, before: Latents, after: Latents): void {
  requireNames(at, Object.keys(before), Object.keys(after));
  for (const [name, z] of Object.entries(before)) {
    requireShape(`${at}, latent ${name}`, after[name], z.shape);
  }
}

/** @throws MODEL_PART_INVALID where the network contradicts itself or the carry. */
export function requireNetwork(
  { latents, answer }: RecurrentNetwork,
  sizes: { readonly numPositions: number; readonly hiddenSize: number },
): void {
  const names = Object.keys(latents);
  const taken = names.find((name) => CARRIED.includes(name));
  if (taken !== undefined) {
    throw modelPartInvalid({
      at: `network.latents, ${taken}`,
      expected: `a name other than ${CARRIED.join(', ')}`,
      received: taken,
      fix: 'give the latent another name: the carry has these beside the latents',
    });
  }
  const answering = latents[answer];
  if (answering === undefined) {
    throw modelPartInvalid({
      at: 'network.answer',
      expected: `one of the latents ${names.join(', ')}`,
      received: answer,
      fix: 'set answer to the latent that the readout reads',
    });
  }
  const { numPositions, hiddenSize } = sizes;
  const { positions = numPositions, width = hiddenSize } = answering;
  if (positions !== numPositions || width !== hiddenSize) {
    throw modelPartInvalid({
      at: `network.latents, ${answer}`,
      expected: `${numPositions} positions of width ${hiddenSize}, as the input has`,
      received: `${positions} positions of width ${width}`,
      fix: `leave out positions and width of ${answer}, or let another latent be the answer`,
    });
  }
}

/** @throws MODEL_PART_INVALID where a rule of halting needs values that the readout does not give. */
export function requireHalting(
  { halts }: Readout,
  { inTraining, inEvaluation, trainsContinue }: Halting,
): void {
  const wanted = inTraining !== 'nothing' || inEvaluation !== 'nothing' || trainsContinue;
  if (halts || !wanted) return;
  throw modelPartInvalid({
    at: 'supervision.halting',
    expected: 'NO_HALTING, as the readout gives no halting values',
    received: JSON.stringify({ inTraining, inEvaluation, trainsContinue }),
    fix: 'set halting: NO_HALTING, or use a readout that halts',
  });
}

/**
 * The parameters of all parts.
 *
 * @throws MODEL_PART_INVALID if two parts use one name.
 */
export function joinParameters(parts: Readonly<Record<string, Parameters>>): Parameters {
  const joined: Record<string, Parameters[string]> = {};
  const owners = new Map<string, string>();
  for (const [part, parameters] of Object.entries(parts)) {
    for (const [name, declaration] of Object.entries(parameters)) {
      const owner = owners.get(name);
      if (owner !== undefined) {
        throw modelPartInvalid({
          at: `${part}.parameters, ${name}`,
          expected: 'a name that no other part uses',
          received: `${name}, which ${owner} has too`,
          fix: 'rename one of the two, for example with the name of its part before it',
        });
      }
      owners.set(name, part);
      joined[name] = declaration;
    }
  }
  return joined;
}

function requireNames(at: string, expected: readonly string[], received: readonly string[]): void {
  if (expected.toSorted().join() === received.toSorted().join()) return;
  throw modelPartInvalid({
    at,
    expected: `the latents ${expected.join(', ')}`,
    received: received.length === 0 ? 'none' : received.join(', '),
    fix: 'return every latent of the network, and nothing else',
  });
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
