/** Engines for cases that run whole programs with a state. */
import type { Engine } from '@eddy/core';
import { createEagerEngine } from '@eddy/engines';

import type { ParityEngine } from './case-handler.ts';
import { xlaEngine } from './run-program.ts';

export function engineFor(engine: ParityEngine): Promise<Engine> {
  return engine === 'oracle' ? createEagerEngine({ backend: 'cpu' }) : xlaEngine();
}
