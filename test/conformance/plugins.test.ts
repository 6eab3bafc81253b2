/** Every plugin of the built-in packages, by the suite that all plugins share. */
import { join, resolve } from 'node:path';

import { pluginSuite } from '@eddy/core/testing';
import { openRegistry } from '@eddy/core/run';
import { describe, expect, it } from 'vitest';

import { BUILTIN } from '../../packages/cli/src/project/builtin.ts';

const repository = resolve(import.meta.dirname, '../..');

/** For plugins that cannot do without. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'stage stored-dataset': { folder: 'data', key: '0123456789abcdef' },
  'dataset combined': { datasets: ['sudoku'] },
  'dataset reference-folder': { folder: 'anywhere' },
  'stage build': { dataset: 'sudoku' },
  'stage augment': { augmentation: 'sudoku-shuffle' },
  'engine pjrt': { plugin: './libpjrt.so' },
  'dataset arc': { source: { combined: 'arc-agi' } },
  'stage train': { model: 'trm', optimizer: 'adamw', globalBatchSize: 8, epochs: 1 },
};

const { registry } = await openRegistry({
  builtin: BUILTIN,
  declared: [],
  folder: repository,
  projectRoot: repository,
});

describe('built-in plugins', () => {
  it('are listed', () => {
    expect(registry.list().length).toBeGreaterThan(15);
  });

  for (const entry of registry.list()) {
    describe(entry.package, async () => {
      pluginSuite({
        plugin: await registry.load(entry.kind, entry.name),
        options: OPTIONS[`${entry.kind} ${entry.name}`] ?? {},
        packageFolder: join(repository, 'node_modules', entry.package),
      });
    });
  }
});
