/** Engines for parity cases. */
import { homedir } from 'node:os';
import path from 'node:path';

import type { Engine } from '@eddy/core';
import { createEagerEngine } from '@eddy/engines';
import xlaCpu from '@eddy/engines/xla-cpu';

import type { ParityEngine } from './case-handler.ts';

const engines = new Map<ParityEngine, Promise<Engine>>();

/** One engine of each name for all cases. */
export function engineFor(name: ParityEngine): Promise<Engine> {
  const engine = engines.get(name) ?? createEngine(name);
  engines.set(name, engine);
  return engine;
}

export async function disposeEngines(): Promise<void> {
  for (const engine of engines.values()) await (await engine).dispose();
  engines.clear();
}

function createEngine(name: ParityEngine): Promise<Engine> {
  if (name === 'oracle') return createEagerEngine({ backend: 'cpu' });
  const cacheFolder = process.env['EDDY_CACHE'] ?? path.join(homedir(), '.cache', 'eddy');
  const precision = name === 'xla-bf16' ? 'bf16-mixed' : 'float32';
  return Promise.resolve(
    xlaCpu.create(xlaCpu.config.parse({ precision }), {
      cacheFolder,
      offline: process.env['EDDY_OFFLINE'] === '1',
      notify: (_level, text) => {
        console.log(text);
      },
    }),
  );
}
