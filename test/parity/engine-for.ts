/** Engines for parity cases. */
import { homedir } from 'node:os';
import path from 'node:path';

import type { Engine } from '@eddy/core';
import { EddyError } from '@eddy/tensor';
import { createEagerEngine } from '@eddy/engines';
import tensorflow from '@eddy/engines/tensorflow';
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

/**
 * Why an engine can't run here, with the command that installs it; null where it can. Only TensorFlow
 * is not fetched by itself.
 */
export async function whyAbsent(name: ParityEngine): Promise<string | null> {
  if (name !== 'tensorflow') return null;
  try {
    await engineFor(name);
    return null;
  } catch (error) {
    if (!(error instanceof EddyError && error.code === 'ENGINE_UNAVAILABLE')) throw error;
    engines.delete(name);
    return `engine tensorflow is not installed: ${error.facts.fix}`;
  }
}

function createEngine(name: ParityEngine): Promise<Engine> {
  switch (name) {
    case 'oracle':
      return createEagerEngine({ backend: 'cpu' });
    case 'xla':
      return start(xlaCpu, { precision: 'float32' });
    case 'xla-bf16':
      return start(xlaCpu, { precision: 'bf16-mixed' });
    case 'tensorflow':
      return start(tensorflow, {});
  }
}

async function start(plugin: typeof xlaCpu | typeof tensorflow, options: object): Promise<Engine> {
  return plugin.create(plugin.config.parse(options) as never, {
    cacheFolder: process.env['EDDY_CACHE'] ?? path.join(homedir(), '.cache', 'eddy'),
    offline: process.env['EDDY_OFFLINE'] === '1',
    notify: (_level, text) => {
      console.log(text);
    },
    signal: new AbortController().signal,
  });
}
