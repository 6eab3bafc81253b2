import type { HostTree } from '@eddy/tensor';

import { difference, FLOAT32_TOLERANCE } from './compare.ts';
import { finiteDifferences } from './finite-differences.ts';
import type { Part } from './known-gaps.ts';
import type { OpCase } from './op-cases/op-case.ts';
import { opInputs, opProgram } from './op-program.ts';
import { tfjsTarget, type Target } from './targets.ts';

/** The parts of a case that a target is compared on. */
export function partsOf(opCase: OpCase): Part[] {
  switch (opCase.gradient) {
    case 'none':
      return ['value'];
    case 'compared':
      return ['value', 'gradient'];
    case 'compared and checked by finite differences':
      return ['value', 'gradient', 'finite differences'];
    case 'checked by finite differences':
      return ['value', 'finite differences'];
  }
}

const oracle = tfjsTarget('cpu');

/** What is wrong with one part of a case on a target, in words; nothing where it is right. */
export async function checkOp(
  opCase: OpCase,
  part: Part,
  target: Target,
): Promise<string | undefined> {
  try {
    const program = opProgram(opCase, { gradient: part !== 'value' });
    const expected = await expectedOf(opCase, part);
    const received = await target.run(program, opInputs(opCase));
    return difference(expected, received, FLOAT32_TOLERANCE);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function expectedOf(opCase: OpCase, part: Part): Promise<HostTree> {
  if (part === 'finite differences') return finiteDifferences(opCase);
  if (part === 'value' && opCase.expected !== undefined) return { 'value.0': opCase.expected };
  return oracle.run(opProgram(opCase, { gradient: part === 'gradient' }), opInputs(opCase));
}
