/** Lists the code in an archive that would run, without running any of it. */
import { join } from 'node:path';

import { readYamlFile, toPlain } from '@eddy/core/config';

import type { ArchiveManifest } from './archive-manifest.ts';
import { archiveRefused } from './errors.ts';

/**
 * Returns the files of plugins, the packages in `plugins:`, and options of the engine that name files: an
 * engine may load native code from one.
 *
 * @throws ARCHIVE_REFUSED for a config that leads out of the archive
 */
export async function codeIn(folder: string, { files }: ArchiveManifest): Promise<string[]> {
  const refuse = (message: string, expected: string, received: string) =>
    archiveRefused({ archive: folder, entry: 'config.yml', message, expected, received });
  const config = Object(toPlain(await readYamlFile(join(folder, 'config.yml')))) as Record<
    string,
    unknown
  >;
  const reading = textsIn(config).find((text) => /\$\{/.test(text.replaceAll('\\${', '')));
  if (reading !== undefined) {
    const expected = 'the resolved config of a run';
    throw refuse('its config reads variables of this machine', expected, reading.slice(0, 200));
  }
  const base = config['baseFolder'];
  if (
    typeof base !== 'string' ||
    !/^(\.|sources(\/.*)?)$/.test(base) ||
    /(^|\/)\.\.(\/|$)/.test(base)
  ) {
    throw refuse('its config leads out of it', 'baseFolder: sources', JSON.stringify(base));
  }
  if (config['extends'] !== undefined || config['defaults'] !== undefined) {
    throw refuse('its config is not a resolved one', 'no extends and no defaults', 'one of them');
  }
  const plugins = Array.isArray(config['plugins']) ? config['plugins'].map(String) : [];
  const engine = Object(config['engine']) as Record<string, unknown>;
  const sources = Object.keys(files).filter((name) => name.startsWith('sources/'));
  return [
    ...sources,
    ...plugins.filter((name) => !/^[./]/.test(name)).map((name) => `package ${name}`),
    ...(sources.length === 0 ? plugins.filter((name) => /^[./]/.test(name)) : []),
    ...Object.entries(engine).flatMap(([name, value]) =>
      typeof value === 'string' && /[/\\]/.test(value) ? [`engine.${name}: ${value}`] : [],
    ),
  ];
}

/** All texts of a config as its reader sees them: in the file an escape of YAML may hide a `${`. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
