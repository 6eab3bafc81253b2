/** What a user sets once for all pipelines: `.eddyrc`, `.eddyrc.{json,yaml,yml}`, in `.config/` too. */
import { homedir } from 'node:os';
import { join, resolve, dirname } from 'node:path';

import { z } from 'zod';

import { EddyError } from '@eddy/tensor/errors';
import { shown } from './problem.ts';

const settingsSchema = z.strictObject({
  cacheFolder: z
    .string()
    .optional()
    .describe('folder for downloads, stage results and compiled programs'),
  defaultEngine: z.string().optional().describe('default engine of pipelines that do not name one'),
  offline: z.boolean().optional().describe('never use the network'),
  allowInstall: z.boolean().optional().describe('whether engines may be downloaded at first use'),
  reuseTraining: z
    .boolean()
    .optional()
    .describe('whether a training that another run has finished is reused; true by default'),
});

export interface Settings {
  /** Absolute. */
  readonly cacheFolder: string;
  readonly defaultEngine: string;
  readonly offline: boolean;
  readonly allowInstall: boolean;
  /** False if every run trains, also where another run has finished the same training. */
  readonly reuseTraining?: boolean;
  /** The file they come from, if there is one. */
  readonly file?: string;
}

const SEARCH_PLACES = ['.eddyrc', '.eddyrc.json', '.eddyrc.yaml', '.eddyrc.yml'].flatMap((name) => [
  name,
  `.config/${name.slice(1)}`,
]);

/**
 * Reads the nearest settings file at or above `folder`, else the home folder's; the environment
 * (`EDDY_CACHE`, `EDDY_OFFLINE=1`, `EDDY_REUSE_TRAINING=0`) wins over it.
 *
 * @throws SETTINGS_INVALID
 */
export async function readSettings({
  folder = process.cwd(),
  environment = process.env,
}: {
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
} = {}): Promise<Settings> {
  const { cosmiconfig, defaultLoaders } = await import('cosmiconfig');
  const { '.json': json, '.yaml': yaml, '.yml': yml } = defaultLoaders;
  // No loader runs code: settings are data.
  const explorer = cosmiconfig('eddy', {
    searchPlaces: SEARCH_PLACES,
    loaders: { '.json': json, '.yaml': yaml, '.yml': yml, noExt: yaml },
    searchStrategy: 'global',
  });
  const found = await explorer.search(folder).catch((cause: unknown) => {
    throw settingsInvalid(folder, cause instanceof Error ? cause.message : String(cause), cause);
  });
  const parsed = settingsSchema.safeParse(found?.config ?? {});
  if (!parsed.success) {
    const received = z.prettifyError(parsed.error).replace(/\s*\n\s*/g, ' ');
    throw settingsInvalid(found?.filepath ?? folder, received, parsed.error);
  }
  const { cacheFolder, defaultEngine, offline, allowInstall, reuseTraining } = parsed.data;
  const written =
    cacheFolder === undefined ? undefined : resolve(dirname(found!.filepath), cacheFolder);
  return {
    cacheFolder: resolve(
      nonEmpty(environment['EDDY_CACHE']) ?? written ?? defaultCacheFolder(environment),
    ),
    defaultEngine: defaultEngine ?? 'auto',
    offline: isOn(environment['EDDY_OFFLINE']) ?? offline ?? false,
    allowInstall: allowInstall ?? true,
    reuseTraining: isOn(environment['EDDY_REUSE_TRAINING']) ?? reuseTraining ?? true,
    ...(found === null ? {} : { file: found.filepath }),
  };
}

function defaultCacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const base = environment['XDG_CACHE_HOME'];
  // The XDG rules say that a relative path is ignored.
  if (base?.startsWith('/')) return join(base, 'eddy');
  return join(nonEmpty(environment['HOME']) ?? homedir(), '.cache', 'eddy');
}

/** An empty path would be the working folder. */
function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function isOn(text: string | undefined): boolean | undefined {
  return text === undefined || text === '' ? undefined : !/^(0|false|no|off)$/i.test(text);
}

function settingsInvalid(file: string, received: string, cause: unknown): EddyError {
  return new EddyError({
    code: 'SETTINGS_INVALID',
    message: 'the settings file is invalid',
    at: shown(file),
    expected: `a map with ${Object.keys(settingsSchema.shape).join(', ')}`,
    received,
    fix: 'correct or remove the file',
    exitCode: 2,
    cause,
  });
}
