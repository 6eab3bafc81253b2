import { difference, runOnTfjs } from '@eddy/compiler/testing';
import type { HostTree } from '@eddy/tensor';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { HostedEngine } from '../process/hosted-engine.ts';
import { mazeCnnInputs, mazeCnnState, mazeCnnStep } from './maze-cnn.ts';
import { testXlaEngine } from './test-engines.ts';

const STEPS = 40;

let engine: HostedEngine;
beforeAll(async () => {
  engine = await testXlaEngine();
});
afterAll(() => engine.dispose());

it('a small CNN learns the dead ends of mazes on xla-cpu, with the losses of TF.js', async () => {
  const inputs = mazeCnnInputs();
  const executable = await engine.compile(mazeCnnStep);
  const tree = await engine.upload(mazeCnnState());
  let expected: HostTree = mazeCnnState();
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const oracle = await runOnTfjs('cpu', mazeCnnStep, expected, inputs);
    const outputs = await executable.run(tree, inputs, { fetch: ['loss'] });
    losses.push(outputs['loss']!.data[0]!);
    expect(losses[step]).toBeCloseTo(oracle.outputs['loss']!.data[0]!, 4);
    expected = oracle.state;
  }
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  const tolerance = { relative: 1e-3, absolute: 1e-4 };
  expect(difference(expected, await tree.read(), tolerance)).toBeUndefined();
  await tree.dispose();
  await executable.dispose();
});
