/** A page for each entry of each package, from the docstrings of what it exports. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Application, OptionDefaults, ReflectionKind, type ProjectReflection } from 'typedoc';

import { siteLink } from '../markdown/repository-links.ts';
import { REPOSITORY, ROOT } from '../repository.ts';
import { prose, table, type Pages } from './write-pages.ts';

interface Manifest {
  readonly name: string;
  readonly description: string;
  readonly exports?: Readonly<Record<string, { readonly '@eddy/source'?: string }>>;
}

/** An entry that a user imports: `@eddy/core/run` is `{ folder: 'core', page: 'run', source: … }`. */
interface Entry {
  readonly folder: string;
  /** Name of its page; `index` is the main entry. */
  readonly page: string;
  readonly source: string;
}

const packageFolders = (): string[] => readdirSync(join(ROOT, 'packages')).toSorted();

function manifestOf(folder: string): Manifest {
  return JSON.parse(
    readFileSync(join(ROOT, 'packages', folder, 'package.json'), 'utf8'),
  ) as Manifest;
}

/** Plugins are left out: the reference has a page for each. */
function entriesOf(folder: string): Entry[] {
  return Object.entries(manifestOf(folder).exports ?? {}).flatMap(
    ([name, { '@eddy/source': source }]) =>
      source === undefined || source.endsWith('.plugin.ts')
        ? []
        : [
            {
              folder,
              page: name === '.' ? 'index' : name.slice(2).replaceAll('/', '-'),
              source: join(ROOT, 'packages', folder, source),
            },
          ],
  );
}

const importName = ({ folder, page }: Pick<Entry, 'folder' | 'page'>): string =>
  `@eddy/${folder}${page === 'index' ? '' : `/${page}`}`;

export async function apiPages(): Promise<Pages> {
  const entries = packageFolders().flatMap(entriesOf);
  const out = mkdtempSync(join(tmpdir(), 'eddy-api-'));
  try {
    await generate(entries, out);
    const pages = new Map<string, string>();
    for (const folder of packageFolders()) pages.set(`api/${folder}/index.md`, readmeOf(folder));
    for (const { folder, page } of entries) {
      const path = `api/${folder}/${page}.md`;
      const text = readFileSync(join(out, folder, `${fileOf(page)}.md`), 'utf8').replaceAll(
        'main-entry.md',
        'index.md',
      );
      pages.set(
        path,
        [pages.get(path) ?? `# \`${importName({ folder, page })}\``, text.trim()].join('\n\n'),
      );
    }
    pages.set('api/index.md', indexPage());
    return Object.fromEntries(pages);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function indexPage(): string {
  const rows = packageFolders().map((folder) => [
    `[@eddy/${folder}](/api/${folder}/)`,
    prose(manifestOf(folder).description),
    entriesOf(folder)
      .filter(({ page }) => page !== 'index')
      .map((entry) => `[${entry.page}](/api/${folder}/${entry.page})`)
      .join(', '),
  ]);
  return `# Packages

What each package exports, from the docstrings of the code. Plugins have pages in the [reference](/reference/).

${table(['package', 'what it is for', 'other entries'], rows)}
`;
}

/** The README of a package, which is the head of its page. */
function readmeOf(folder: string): string {
  const file = join(ROOT, 'packages', folder, 'README.md');
  return readFileSync(file, 'utf8')
    .trim()
    .replace(/\]\(([^)\s]+)\)/g, (_, link: string) => `](${siteLink(link, file)})`);
}

async function generate(entries: readonly Entry[], out: string): Promise<void> {
  const app = await Application.bootstrapWithPlugins({
    entryPoints: entries.map(({ source }) => source),
    tsconfig: join(ROOT, 'tsconfig.tests.json'),
    plugin: ['typedoc-plugin-markdown'],
    // `npm run check:types` has checked them.
    skipErrorChecking: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    readme: 'none',
    basePath: ROOT,
    gitRevision: 'main',
    sourceLinkTemplate: `${REPOSITORY}/blob/main/{path}#L{line}`,
    blockTags: [...OptionDefaults.blockTags, '@memory', '@reference', '@source'],
    validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: true },
    logLevel: 'Error',
    // Options of typedoc-plugin-markdown.
    ...{
      outputFileStrategy: 'modules',
      hidePageHeader: true,
      hideBreadcrumbs: true,
      hidePageTitle: true,
      useCodeBlocks: true,
      expandObjects: true,
      parametersFormat: 'table',
      interfacePropertiesFormat: 'table',
      classPropertiesFormat: 'table',
      typeAliasPropertiesFormat: 'table',
      enumMembersFormat: 'table',
      propertyMembersFormat: 'table',
      tableColumnSettings: {
        hideSources: true,
        hideInherited: true,
        hideModifiers: true,
        hideOverrides: true,
      },
      sanitizeComments: true,
      excludeScopesInPaths: true,
    },
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('typedoc could not read the packages');
  nameModules(project, entries);
  app.options.setValue('out', out);
  await app.generateOutputs(project);
  if (app.logger.hasErrors()) throw new Error('typedoc failed; it says above why');
  for (const { folder, page } of entries) {
    if (!existsSync(join(out, folder, `${fileOf(page)}.md`))) {
      const written = readdirSync(out, { recursive: true }).join(', ');
      throw new Error(`typedoc wrote no page of ${folder}/${page}, only ${written.slice(0, 500)}`);
    }
  }
}

/** typedoc-plugin-markdown keeps the name `index` for itself. */
const fileOf = (page: string): string => (page === 'index' ? 'main-entry' : page);

/** Names each module as its page: `core/run`. */
function nameModules(project: ProjectReflection, entries: readonly Entry[]): void {
  for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
    const file = module.sources?.[0]?.fullFileName;
    const entry = entries.find(({ source }) => source === file);
    if (entry === undefined) throw new Error(`typedoc has a module of no entry: ${module.name}`);
    module.name = `${entry.folder}/${fileOf(entry.page)}`;
  }
}
