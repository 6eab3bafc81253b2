/** What each kind of plugin must have made: its author's compiler may not have seen our types. */
import type { PluginContracts, PluginKind } from '../contracts/kinds.ts';
import { pluginContractBroken } from './errors.ts';
import type { PluginEntry } from './registry.ts';

type RequiredMembers = {
  readonly [K in PluginKind]: Readonly<
    Partial<Record<keyof PluginContracts[K], 'function' | 'object' | 'number'>>
  >;
};

const REQUIRED: RequiredMembers = {
  dataset: { describe: 'function', groups: 'function' },
  // Two contracts: one that alters examples, one that renders versions of tasks.
  augmentation: {},
  model: {
    parameters: 'object',
    metrics: 'object',
    carry: 'function',
    initialCarry: 'function',
    admit: 'function',
    step: 'function',
  },
  optimizer: { scalarNames: 'object', scalars: 'function', slots: 'function', update: 'function' },
  'row-optimizer': { scalarNames: 'object', scalars: 'function', update: 'function' },
  averager: { update: 'function' },
  evaluator: {
    requiredOutputs: 'object',
    begin: 'function',
    update: 'function',
    result: 'function',
  },
  logger: { attach: 'function' },
  engine: { compile: 'function', upload: 'function', dispose: 'function' },
  stage: { needs: 'object', provides: 'object', run: 'function' },
};

/** @throws PLUGIN_CONTRACT_BROKEN naming what is missing */
export function checkContract(plugin: PluginEntry, made: unknown): void {
  if (typeof made !== 'object' || made === null) {
    throw pluginContractBroken(plugin, 'an object', made === null ? 'null' : typeof made);
  }
  for (const [name, type] of Object.entries(REQUIRED[plugin.kind])) {
    const value = (made as Record<string, unknown>)[name];
    const actual = value === null ? 'null' : typeof value;
    if (actual === type) continue;
    const expected = type === 'function' ? `a function ${name}()` : `${name}, of type ${type}`;
    const received = actual === 'undefined' ? `no ${name}` : `${name} of type ${actual}`;
    throw pluginContractBroken(plugin, expected, received);
  }
}
