/** The reference of pipeline files: a page for each plugin, from the schemas that validate its options. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { pipelineJsonSchema, type PluginEntry } from '@eddy/core/run';

import { guideName, pagesOf } from '../../../packages/cli/src/project/plugin-pages.ts';
import { loadRegistry } from '../../../packages/cli/src/project/load.ts';
import { siteLink } from '../markdown/repository-links.ts';
import { slugify } from '../markdown/slugify.ts';
import { KINDS } from '../plugin-kinds.ts';
import { DOCS, fromRoot, repositoryUrl } from '../repository.ts';
import { optionTexts, type JsonSchema, type OptionText } from './schema-text.ts';
import { code, prose, table, type Pages } from './write-pages.ts';

type Metrics = Readonly<Record<string, { readonly label: string; readonly explanation: string }>>;

/** The facts that the pages of a plugin are made of. */
interface Described {
  readonly entry: PluginEntry;
  readonly schema: JsonSchema;
  readonly metrics: Metrics;
}

export async function referencePages(): Promise<Pages> {
  const registry = await loadRegistry(undefined);
  const schema = (await pipelineJsonSchema(registry)) as unknown as JsonSchema & {
    readonly definitions: Readonly<Record<string, JsonSchema>>;
  };
  const plugins = await Promise.all(
    registry.list().map(async (entry): Promise<Described> => {
      const own = schema.definitions[entry.kind]?.anyOf?.find(
        ({ properties }) => properties?.['use']?.const === entry.name,
      );
      if (own === undefined) throw new Error(`no schema of ${entry.kind} ${entry.name}`);
      const { metrics = {} } = (await registry.load(entry.kind, entry.name)) as {
        metrics?: Metrics;
      };
      return { entry, schema: own, metrics };
    }),
  );
  const pages = plugins.map((plugin) => [
    `reference/${plugin.entry.kind}/${plugin.entry.name}.md`,
    pluginPage(plugin),
  ]);
  const stages = new Set(registry.list('stage').map(({ name }) => name));
  return {
    ...(Object.fromEntries(pages) as Pages),
    'reference/index.md': indexPage(plugins),
    'reference/pipeline-file.md': pipelinePage(schema, stages),
  };
}

function indexPage(plugins: readonly Described[]): string {
  const sections = KINDS.map((kind) => {
    const rows = plugins
      .filter(({ entry }) => entry.kind === kind)
      .map(({ entry: { name, summary } }) => [
        `[${name}](/reference/${kind}/${name})`,
        prose(summary),
      ]);
    const guide = guideOf(kind);
    const own = guide === undefined ? '' : `\n\n[Write one of your own](${guide}).`;
    return `## ${kind}\n\n${table(['name', 'what it is'], rows)}${own}\n`;
  });
  return `# Plugins

Every name in a pipeline file is a plugin. These come with Eddy; each page lists the options with their types, defaults
and ranges, as \`pipeline plugins NAME\` prints them. The keys of the file itself are on
[a page of their own](/reference/pipeline-file).

${sections.join('\n')}`;
}

function pipelinePage(schema: JsonSchema, stages: ReadonlySet<string>): string {
  const own = Object.entries(schema.properties ?? {}).filter(([key]) => !stages.has(key));
  const keys = optionTexts({
    properties: Object.fromEntries(own),
    required: schema.required ?? [],
  });
  const list = [...stages].map((name) => `[\`${name}\`](/reference/stage/${name})`).join(', ');
  return `# Pipeline file

A pipeline file is a YAML map. These are its keys; every other key is a stage, and stages run in the order in which the
file has them. A key that is the name of a stage plugin needs no \`use\`: ${list}. The guide
[Pipeline files](/guides/pipeline-files) explains how files are composed and how values are overridden.

${optionSections(keys)}`;
}

function pluginPage({ entry, schema, metrics }: Described): string {
  const { kind, name, summary } = entry;
  const { source, page } = pagesOf(entry);
  const options = optionTexts(ownOptions(schema));
  const file = fromRoot(source);
  const guide = guideOf(kind);
  const facts = [
    `Package \`${entry.package}\``,
    `[source](${repositoryUrl(file, false)})`,
    ...(guide === undefined
      ? []
      : [`[write ${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind} of your own](${guide})`]),
  ];
  const measured = Object.entries(metrics).map(([metric, { label, explanation }]) => [
    code(metric),
    `${prose(label)}. ${prose(explanation)}`,
  ]);
  return [
    `# ${titleOf(kind)} ${code(name)}`,
    `${sentence(prose(summary))}`,
    facts.join(' · '),
    exampleOf(kind, name),
    `## Options\n\n${options.length === 0 ? 'It has no options.' : optionSections(options)}`,
    measured.length === 0 ? '' : `## Metrics\n\n${table(['metric', 'what it says'], measured)}`,
    page === undefined ? '' : readme(page),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

/** The pipeline that `test/docs/examples.test.ts` validates. */
function exampleOf(kind: string, name: string): string {
  const file = join(DOCS, 'examples', kind, `${name}.yml`);
  if (!existsSync(file)) throw new Error(`${kind} ${name} has no example: ${file}`);
  const text = readFileSync(file, 'utf8').trim();
  const path = fromRoot(file);
  return `## Example\n\n\`\`\`yaml\n${text}\n\`\`\`\n\n[${path}](${repositoryUrl(path, false)}) is a whole pipeline file: \`pipeline validate ${path}\`.`;
}

/** The README beside a plugin, under the headings of its page. */
function readme(file: string): string {
  const text = readFileSync(file, 'utf8').replace(/^# .*\n+/, '');
  return text.replace(/\]\(([^)\s]+)\)/g, (_, link: string) => `](${siteLink(link, file)})`).trim();
}

function optionSections(options: readonly OptionText[]): string {
  // Alternatives of one option may have the same key; the first describes it.
  const names = options.map(({ name }) => name);
  return options
    .filter(({ name }, at) => names.indexOf(name) === at)
    .map((option) => {
      const depth = option.name.split('.').length;
      const heading = `${depth === 1 ? '###' : '####'} ${code(option.name)} {#option-${slugify(option.name.replaceAll('.', '-'))}}`;
      return `${heading}\n\n${facts(option)}\n\n${sentence(prose(option.description))}`.trimEnd();
    })
    .join('\n\n');
}

/** Without the keys that every plugin has. */
function ownOptions(schema: JsonSchema): JsonSchema {
  const { use: _use, extends: _extends, ...properties } = schema.properties ?? {};
  return { ...schema, properties };
}

function facts({ type, default: initial, isRequired, range }: OptionText): string {
  return [
    code(type),
    ...(range === '' ? [] : [prose(range)]),
    ...(isRequired ? ['**required**'] : initial === undefined ? [] : [`default ${code(initial)}`]),
  ].join(' · ');
}

function guideOf(kind: string): string | undefined {
  const page = guideName(kind);
  return existsSync(join(DOCS, 'guides', page))
    ? `/guides/${page.replace(/\.md$/, '')}`
    : undefined;
}

function titleOf(kind: string): string {
  return `${kind[0]!.toUpperCase()}${kind.slice(1).replace('-', ' ')}`;
}

/** Descriptions are phrases, which a page shows as sentences. */
function sentence(text: string): string {
  if (text === '') return '';
  const first = /^[a-z]+\b(?!\.\w)/.test(text) ? `${text[0]!.toUpperCase()}${text.slice(1)}` : text;
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}
