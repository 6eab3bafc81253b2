import { isAbsolute, relative, sep } from 'node:path';

import { pipelineJsonSchema, type PluginEntry } from '@eddy/core/run';

import { loadRegistry } from '../project/load.ts';
import { pagesOf } from '../project/plugin-pages.ts';
import { pluginNotFound } from './errors.ts';
import { renderTable } from '../render/table.ts';

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly { readonly $ref?: string }[];
  readonly items?: JsonSchema;
}

export async function pluginsCommand(
  filter: string | undefined,
  options: { readonly file?: string; readonly json?: boolean },
): Promise<void> {
  const registry = await loadRegistry(options.file);
  const all = registry.list();
  const chosen = all.filter(
    ({ kind, name }) => filter === undefined || [kind, name, `${kind}/${name}`].includes(filter),
  );
  if (chosen.length === 0) throw pluginNotFound(filter!, all);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(chosen.map(facts), null, 2)}\n`);
    return;
  }
  if (filter === undefined || chosen.length > 1 || filter === chosen[0]!.kind) {
    const rows = chosen.map(({ kind, name, package: from, version, summary }) => [
      kind,
      name,
      `${from} ${version}`,
      summary,
    ]);
    process.stdout.write(renderTable(['KIND', 'NAME', 'PACKAGE', 'SUMMARY'], rows));
    return;
  }
  const plugin = chosen[0]!;
  const schema = (await pipelineJsonSchema(registry)) as {
    readonly definitions: Readonly<Record<string, JsonSchema>>;
  };
  const own = schema.definitions[plugin.kind]?.anyOf?.find(
    ({ properties }) => properties?.['use']?.const === plugin.name,
  );
  process.stdout.write(`${plugin.kind} ${plugin.name}: ${plugin.summary}\n`);
  process.stdout.write(`${plugin.package} ${plugin.version}\n\n`);
  process.stdout.write(`${renderPages(plugin)}\n`);
  process.stdout.write(renderOptions(own ?? {}));
}

function facts(plugin: PluginEntry) {
  const { kind, name, summary, package: from, version } = plugin;
  return { kind, name, package: from, version, summary, ...pagesOf(plugin) };
}

/** Paths of further reading, which an editor opens from the current folder. */
function renderPages(plugin: PluginEntry): string {
  const { source, page, guide } = pagesOf(plugin);
  const lines = [
    `source  ${shortest(source)}`,
    ...(page === undefined ? [] : [`page    ${shortest(page)}`]),
    ...(guide === undefined ? [] : [`guide   ${shortest(guide)}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** The path from the current folder, if it is in there; an absolute one otherwise. */
function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return isAbsolute(fromHere) || fromHere.split(sep)[0] === '..' ? path : fromHere;
}

function renderOptions({ properties = {}, required = [] }: JsonSchema): string {
  const rows = Object.entries(properties)
    .filter(([name]) => name !== 'use' && name !== 'extends')
    .map(([name, option]) => [
      name,
      typeOf(option),
      option.default === undefined
        ? required.includes(name)
          ? 'required'
          : ''
        : JSON.stringify(option.default),
      option.description ?? '',
    ]);
  if (rows.length === 0) return 'no options\n';
  return renderTable(['OPTION', 'TYPE', 'DEFAULT', 'MEANING'], rows);
}

function typeOf(schema: JsonSchema): string {
  const part = schema.allOf?.[0]?.$ref?.split('/').at(-1);
  if (part !== undefined) return `${part} plugin`;
  if (schema.enum !== undefined) return schema.enum.map((value) => String(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' | ');
  if (schema.type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'any'}`;
  return [schema.type ?? 'any'].flat().join(' | ');
}
