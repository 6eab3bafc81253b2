/** Errors about plugins and what they ask for. */
import { EddyError } from '@eddy/tensor/errors';
import { nearest } from '../config/nearest.ts';
import { placeOfText } from './place-of-text.ts';
import { thrownAt } from './thrown-at.ts';

interface PluginId {
  readonly kind: string;
  readonly name: string;
}

/** A plugin and who wrote it, as a registry lists them. */
export interface PluginOrigin extends PluginId {
  /** Package name, or the path of a local file as the pipeline names it. */
  readonly package: string;
}

const called = ({ kind, name }: PluginId) => `${kind} ${name}`;

export function manifestInvalid(file: string, received: string): EddyError {
  return new EddyError({
    code: 'PLUGIN_MANIFEST_INVALID',
    message: 'the `eddy` field of this package.json is not a plugin manifest',
    at: file,
    expected: '"eddy": {"apiVersion": 1, "plugins": [{"kind", "name", "summary", "export"}]}',
    received,
    fix: 'correct the field, or ask the author of the package to',
    exitCode: 2,
  });
}

interface PlacedPlugin extends PluginId {
  readonly package: string;
  readonly file: string;
}

export function pluginDuplicate(
  plugin: PluginId,
  first: PlacedPlugin,
  second: PlacedPlugin,
): EddyError {
  const isOneFile = first.file === second.file;
  return new EddyError({
    code: 'PLUGIN_DUPLICATE',
    message: `two plugins are called ${called(plugin)}`,
    at: placeOfText(second.file, new RegExp(`name: *['"]${plugin.name}['"]`)),
    expected: 'unique names within each kind',
    received: isOneFile
      ? `two in ${second.package}`
      : `one in ${first.package} and one in ${second.package}`,
    fix: isOneFile
      ? 'rename one of the two'
      : `remove ${second.package} from plugins: in the pipeline, or rename one of the two`,
    exitCode: 2,
  });
}

export function pluginLoadFailed(plugin: PluginId, from: string, cause: unknown): EddyError {
  return new EddyError({
    code: 'PLUGIN_LOAD_FAILED',
    message: `${called(plugin)} cannot be loaded`,
    at: thrownAt(cause) ?? from,
    expected: 'a module that loads and whose default export is a plugin',
    received: thrown(cause)
      .replace(/\n[^]*/, '')
      .trim(),
    fix: loadingFix(cause, thrownAt(cause) ?? from),
    exitCode: 2,
    cause,
  });
}

/** A package that is not there is installed; anything else is corrected where it stands. */
function loadingFix(cause: unknown, place: string): string {
  const module = /Cannot find (?:package|module) '([^']+)'/.exec(thrown(cause))?.[1];
  if (module === undefined) return `correct ${place}`;
  if (/^[./]/.test(module)) {
    return `correct the path ${module}: it starts at the folder of the file`;
  }
  const name = module.split('/', module.startsWith('@') ? 2 : 1).join('/');
  return `install it: \`npm install ${name}\``;
}

/** @param place  file, line and column of the import */
export function pluginImportMissing(
  place: string,
  name: string,
  specifier: string,
  exported: readonly string[],
): EddyError {
  const near = nearest(name, exported);
  return new EddyError({
    code: 'PLUGIN_IMPORT_MISSING',
    message: `a plugin file imports ${name}, which ${specifier} does not export`,
    at: place,
    expected:
      exported.length === 1
        ? `${exported[0]}, the only name that ${specifier} exports`
        : `one of the ${exported.length} names that ${specifier} exports`,
    received: name,
    fix:
      near === undefined
        ? `remove ${name} from the import at ${place}, or import it from where it is exported`
        : `did you mean ${near}?`,
    exitCode: 2,
  });
}

export function pluginContractBroken(
  plugin: PluginOrigin,
  expected: string,
  received: string,
): EddyError {
  return new EddyError({
    code: 'PLUGIN_CONTRACT_BROKEN',
    message: `what ${called(plugin)} of ${plugin.package} creates is not a valid ${plugin.kind}`,
    expected,
    received,
    fix: `implement it in ${plugin.package}: ${expected}; definePlugin from @eddy/core lets tsc find what is missing`,
    exitCode: 2,
  });
}

export function pluginInvalid(plugin: PluginId, from: string, received: string): EddyError {
  return new EddyError({
    code: 'PLUGIN_INVALID',
    message: `the default export for ${called(plugin)} is not that plugin`,
    at: from,
    expected: 'definePlugin({ kind, name, apiVersion: 1, summary, config, create })',
    received,
    fix: received.startsWith('the class')
      ? 'export default definePlugin({ …, create: () => new … }), with the class in create'
      : 'make it the default export: export default definePlugin({ … }), as `pipeline new KIND FILE` writes it; or correct what the manifest says about it',
    exitCode: 2,
  });
}

export function pluginUnknown(plugin: PluginId, known: readonly string[]): EddyError {
  return new EddyError({
    code: 'PLUGIN_UNKNOWN',
    message: `there is no ${called(plugin)}`,
    expected: known.length > 0 ? `one of ${known.join(', ')}` : `a plugin of kind ${plugin.kind}`,
    received: plugin.name,
    fix:
      nearest(plugin.name, known) === undefined
        ? 'choose one that `pipeline plugins` lists, or add its package to plugins: in the pipeline'
        : `did you mean ${nearest(plugin.name, known)}?`,
    exitCode: 2,
  });
}

export function pluginOptionsInvalid(
  plugin: PluginId,
  received: string,
  cause: unknown,
): EddyError {
  return new EddyError({
    code: 'PLUGIN_OPTIONS_INVALID',
    message: `the options of ${called(plugin)} do not fit its schema`,
    received,
    fix: `use options that \`pipeline plugins ${plugin.kind}/${plugin.name}\` lists`,
    exitCode: 2,
    cause,
  });
}

export function serviceMissing(plugin: PluginId, service: string): EddyError {
  return new EddyError({
    code: 'SERVICE_MISSING',
    message: `${called(plugin)} needs the service ${service}, which does not exist here`,
    expected: 'services that are available where the plugin is created',
    received: service,
    fix:
      service === 'stage'
        ? 'remove stage from `needs` of the plugin: only stages can ask for it'
        : `remove ${service} from \`needs\` of the plugin, or create the plugin where the service exists: facts about data are available after the stage that builds them`,
  });
}

export function pluginCreateFailed(plugin: PluginOrigin, cause: unknown): EddyError {
  return new EddyError({
    code: 'PLUGIN_CREATE_FAILED',
    message: `${called(plugin)} of ${plugin.package} failed while it was created`,
    ...placeOf(cause),
    received: thrown(cause),
    fix: FIX_OF_PLUGIN,
    cause,
  });
}

export function pluginHookFailed(plugin: PluginOrigin, hook: string, cause: unknown): EddyError {
  return new EddyError({
    code: 'PLUGIN_HOOK_FAILED',
    message: `${called(plugin)} of ${plugin.package} failed in its ${hook}`,
    ...placeOf(cause),
    expected: 'a result, or an error with a code',
    received: thrown(cause),
    fix: FIX_OF_PLUGIN,
    cause,
  });
}

const FIX_OF_PLUGIN = 'correct the plugin; `export EDDY_DEBUG=1` shows where it threw';

const placeOf = (cause: unknown) => {
  const at = thrownAt(cause);
  return at === undefined ? {} : { at };
};

const thrown = (cause: unknown) =>
  cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);

/** @param received  sha256 of what lies there; undefined when nothing does */
export function runSourcesDamaged(
  file: string,
  expected: string,
  received: string | undefined,
): EddyError {
  return new EddyError({
    code: 'RUN_SOURCES_DAMAGED',
    message: 'the run’s copy of a plugin’s file differs from the one that its manifest records',
    at: file,
    expected: `sha256 ${expected}`,
    received: received === undefined ? 'no file' : `sha256 ${received}`,
    fix: 'copy the run again from where it came from, or move the project back to its old place; nothing of the file was executed',
  });
}
