import type { Engine } from '@eddy/core';
import { afterAll, beforeAll } from 'vitest';

import { targetSuite, type Gap } from '@eddy/compiler/testing';
import { engineTarget } from './targets.ts';

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
