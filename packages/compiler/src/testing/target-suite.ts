import { describe, expect, it } from 'vitest';

import { checkOp, partsOf } from './check-op.ts';
import { gapOf, TFJS_GRADIENT_GAPS, type Gap } from './known-gaps.ts';
import { opCases } from './op-cases/index.ts';
import type { Target } from './targets.ts';

/**
 * Every operation, value and gradient, on anything that runs programs against TF.js's cpu backend.
 *
 * @param gaps  what the target is known not to do; asserted to fail, so that a repair is noticed.
 */
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
        // Right by chance, or the end of all tests: nothing can be asserted.
        if (gap?.byChance || gap?.crashes) continue;
        it(`${opCase.op}, ${opCase.name}: ${part}${expectation}`, async () => {
          const problem = await checkOp(opCase, part, target());
          if (gap === undefined) expect(problem).toBeUndefined();
          else expect(problem).toBeDefined();
        });
      }
    }
  });
}
