/** What every plugin must be, whatever its kind. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { partKindOfSchema } from '../plugin/part-reference.ts';
import { readManifest } from '../plugin/manifest.ts';
import { faultsOfPlugin, type AnyPlugin } from '../plugin/plugin-shape.ts';
import { shapeOf } from '../schema/schema-walk.ts';

export interface PluginSuite {
  readonly plugin: AnyPlugin;
  /** Options that the plugin accepts; none by default. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Folder of the package whose package.json lists the plugin; left out for a local file. */
  readonly packageFolder?: string;
}

/**
 * Checks that a plugin is well formed: names, options with defaults and descriptions, JSON Schema,
 * and that the package's manifest says the same.
 */
export function pluginSuite({ plugin, options = {}, packageFolder }: PluginSuite): void {
  describe(`${plugin.kind} ${plugin.name}`, () => {
    it('is a plugin', () => {
      expect(faultsOfPlugin(plugin)).toEqual([]);
      expect(plugin.summary.length).toBeGreaterThan(10);
    });

    it('accepts its options, and the same again with their defaults filled in', () => {
      const parsed = plugin.config.parse(options);
      const again = plugin.config.parse(JSON.parse(JSON.stringify(parsed)));
      expect(again).toEqual(parsed);
    });

    it('refuses an option that it does not know', () => {
      const { success } = plugin.config.safeParse({ ...options, anOptionThatNobodyHas: 1 });
      expect(success).toBe(false);
    });

    it('describes each option in a JSON Schema', () => {
      const schema = z.toJSONSchema(plugin.config, {
        target: 'draft-7',
        io: 'input',
        unrepresentable: 'any',
      });
      expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
      const bare = Object.entries(schema.properties ?? {})
        .filter(([, option]) => (option as { description?: string }).description === undefined)
        .map(([name]) => name);
      expect(bare, 'options without .describe()').toEqual([]);
    });

    it('gives parts their defaults by .prefault', () => {
      const skipped = Object.entries(shapeOf(plugin.config) ?? {})
        .filter(([, option]) => {
          const { type, innerType } = option._zod.def as never as {
            readonly type: string;
            readonly innerType?: z.core.$ZodType;
          };
          return type === 'default' && innerType && partKindOfSchema(innerType) !== undefined;
        })
        .map(([name]) => name);
      expect(skipped, 'options whose default the loader would not see as a part').toEqual([]);
    });

    if (packageFolder !== undefined) {
      it('is what the manifest of its package says', async () => {
        const { kind, name, summary } = plugin;
        const manifest = await readManifest(packageFolder);
        const listed = manifest?.plugins.find((item) => item.kind === kind && item.name === name);
        expect(listed).toMatchObject({ kind, name, summary });
        expect(manifest!.resolve(listed!.export)).toBeDefined();
      });
    }
  });
}
