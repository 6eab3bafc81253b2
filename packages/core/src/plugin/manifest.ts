/** What a package says about its plugins, read from its package.json without importing it. */
import { existsSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';

import { z } from 'zod';

import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { isInside } from '../config/project-paths.ts';
import { manifestInvalid } from './errors.ts';
import { PLUGIN_KINDS } from '../contracts/kinds.ts';

const manifestSchema = z.strictObject({
  apiVersion: z.literal(1),
  plugins: z.array(
    z.strictObject({
      kind: z.enum(PLUGIN_KINDS),
      name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
      summary: z.string(),
      /** Subpath of the package: `./adam-atan2`. */
      export: z.string().regex(/^\.(\/[\w.-]+)*$/),
    }),
  ),
});

export type ListedPlugin = z.output<typeof manifestSchema>['plugins'][number];

export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly plugins: readonly ListedPlugin[];
  /** What the package exports: `.`, `./nn` … */
  readonly subpaths: readonly string[];
  /** The file behind a subpath, by the package's `exports`. */
  resolve(subpath: string): string | undefined;
}

/** `node_modules/<name>` seen from `folder`, or undefined. */
export function findPackage(name: string, folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (at === parse(at).root) return undefined;
  }
}

/**
 * Reads the manifest in `folder`; undefined when its package.json has no `eddy` field.
 *
 * @throws PLUGIN_MANIFEST_INVALID
 */
export async function readManifest(folder: string): Promise<PackageManifest | undefined> {
  const file = join(folder, 'package.json');
  let content: Record<string, unknown>;
  try {
    content = JSON.parse(await readInputText(file, JSON_LIMIT)) as Record<string, unknown>;
  } catch (cause) {
    throw manifestInvalid(file, cause instanceof Error ? cause.message : String(cause));
  }
  if (content['eddy'] === undefined) return undefined;
  const manifest = manifestSchema.safeParse(content['eddy']);
  if (!manifest.success) {
    throw manifestInvalid(file, z.prettifyError(manifest.error).replace(/\s*\n\s*/g, ' '));
  }
  return {
    name: String(content['name']),
    version: String(content['version']),
    folder,
    plugins: manifest.data.plugins,
    subpaths: Object.keys((content['exports'] as object | undefined) ?? {}).filter(
      (subpath) => subpath.startsWith('.') && !subpath.endsWith('.json'),
    ),
    resolve: (subpath) => {
      const exported = (content['exports'] as Record<string, unknown> | undefined)?.[subpath];
      const target = chooseCondition(exported);
      const path = target === undefined ? undefined : join(folder, target);
      return path !== undefined && isInside(folder, path) ? path : undefined;
    },
  };
}

/** Where core itself runs from its sources (its tests), so do the plugins that offer theirs. */
const CONDITIONS = [
  ...(import.meta.url.endsWith('.ts') ? ['@eddy/source'] : []),
  'node',
  'import',
  'default',
];

function chooseCondition(exported: unknown): string | undefined {
  if (typeof exported === 'string') return exported;
  if (typeof exported !== 'object' || exported === null) return undefined;
  for (const [condition, target] of Object.entries(exported)) {
    if (CONDITIONS.includes(condition)) return chooseCondition(target);
  }
  return undefined;
}
