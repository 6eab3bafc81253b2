import type { Engine } from '@eddy/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { checkOp, partsOf } from './check-op.ts';
import { gapOf, TFJS_GRADIENT_GAPS, type Gap } from './known-gaps.ts';
import { opCases } from '@eddy/compiler/testing';
import { engineTarget, type Target } from './targets.ts';

/**
 * Every operation, value and gradient, on an engine against TF.js's cpu backend.
 *
 * @param gaps  what the engine is known not to do; asserted to fail, so that a repair is noticed.
 */
export function opSuite(
  name: string,
  create: () => Promise<Engine>,
  gaps: readonly Gap[] = [],
): void {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create();
  });
  afterAll(() => engine.dispose());
  targetSuite(name, () => engineTarget(engine), gaps);
}

/** The same for anything that runs programs. */
export function targetSuite(name: string, target: () => Target, gaps: readonly Gap[] = []): void {
  describe(`operations on ${name}`, () => {
    for (const opCase of opCases) {
      for (const part of partsOf(opCase)) {
        // Finite differences judge TF.js's gradient formulas: once, on the interpreter, is enough,
        // but where they stand in for TF.js's own kernel.
        const isCompared = opCase.gradient !== 'checked by finite differences';
        if (part === 'finite differences' && isCompared && name !== 'interpreter') continue;
        const gap = gapOf([...TFJS_GRADIENT_GAPS, ...gaps], opCase, part);
        const expectation = gap === undefined ? '' : ` (gap: ${gap.reason})`;
        const test = gap?.byChance || gap?.crashes ? it.skip : it;
        test(`${opCase.op}, ${opCase.name}: ${part}${expectation}`, async () => {
          const problem = await checkOp(opCase, part, target());
          if (gap === undefined) expect(problem).toBeUndefined();
          else expect(problem).toBeDefined();
        });
      }
    }
  });
}
