/** The menus of the site, in both languages. A test compares them with the pages that are there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { DefaultTheme } from 'vitepress';

import { KINDS } from './plugin-kinds.ts';
import { DOCS, pagesIn } from './repository.ts';

type Items = DefaultTheme.SidebarItem[];

/** Entries of the menu beside every guide: a title, and the names of pages under `docs/guides`. */
const GUIDES: Readonly<Record<string, readonly string[]>> = {
  Introduction: ['quickstart', 'from-the-python-repository', 'outside-the-checkout', 'README'],
  Pipelines: ['pipeline-files', 'data', 'arc', 'engines', 'memory'],
  'Train and evaluate': [
    'runs',
    'choose-a-checkpoint',
    'evaluation',
    'sweeps',
    'watch-runs',
    'share-a-run',
    'share-a-model-in-a-page',
    'weights-and-the-reference',
  ],
  Extend: [
    'use-as-a-library',
    'write-a-model',
    'write-an-optimizer',
    'write-a-dataset',
    'write-an-evaluator',
    'write-a-stage',
    'write-a-logger',
    'write-an-engine',
  ],
};

const SHORT_TITLES: Readonly<Record<string, string>> = {
  README: 'All guides',
  'from-the-python-repository': 'From the Python repository',
};

const PROJECT: Items = [
  { text: 'Overview', link: '/project/overview' },
  { text: 'Architecture', link: '/project/architecture' },
  { text: 'Decisions', link: '/decisions/' },
  { text: 'Performance', link: '/performance' },
  { text: 'Reliability', link: '/reliability' },
  { text: 'Compatibility', link: '/compatibility' },
  { text: 'Map of the reference', link: '/reference-map' },
  { text: 'Changelog', link: '/project/changelog' },
  { text: 'Contributing', link: '/project/contributing' },
];

/** Returns the first heading of a page under `docs/`, without its markup. */
function titleOf(page: string): string {
  const text = readFileSync(join(DOCS, page), 'utf8');
  const title = /^# (.+)$/m.exec(text)?.[1] ?? page;
  return title.replace(/[`\\]/g, '');
}

const entry = (folder: string, name: string): DefaultTheme.SidebarItem => ({
  text: SHORT_TITLES[name] ?? titleOf(`${folder}/${name}.md`),
  link: `/${folder}/${/^(?:README|index)$/.test(name) ? '' : name}`,
});

const guides = (): Items =>
  Object.entries(GUIDES).map(([text, names]) => ({
    text,
    items: names.map((name) => entry('guides', name)),
  }));

/** Returns an entry for each page of a generated folder, its index first. */
const generated = (folder: string): Items => {
  const names = pagesIn(folder).map((name) => name.replace(/\.md$/, ''));
  return names
    .toSorted((a, b) => Number(b === 'index') - Number(a === 'index'))
    .map((name) => entry(folder, name));
};

const reference = (): Items => [
  {
    text: 'Reference',
    items: [
      { text: 'All plugins', link: '/reference/' },
      { text: 'Pipeline file', link: '/reference/pipeline-file' },
      { text: 'Errors', link: '/errors' },
    ],
  },
  ...KINDS.map((kind) => ({
    text: `${kind[0]!.toUpperCase()}${kind.slice(1).replace('-', ' ')}s`,
    collapsed: false,
    items: generated(`reference/${kind}`).map((item) => ({
      ...item,
      text: item.text!.split(' ').at(-1)!,
    })),
  })),
];

const commands = (): Items => [{ text: 'Command line', items: generated('cli') }];

const api = (): Items => [
  { text: 'Packages', items: [{ text: 'All packages', link: '/api/' }] },
  ...packages().map((name) => ({
    text: `@eddy/${name}`,
    collapsed: name !== 'core',
    items: generated(`api/${name}`).map((item) => ({
      ...item,
      text: item.text!.replace(/^@eddy\/[^/]+$/, 'Main entry').replace(/^@eddy\/[^/]+\//, ''),
    })),
  })),
];

/** Packages that have pages, as their changelogs and READMEs name them. */
function packages(): string[] {
  return [
    ...readFileSync(join(DOCS, 'api/index.md'), 'utf8').matchAll(/\]\(\/api\/([^/)]+)\/\)/g),
  ].map(([, name]) => name!);
}

const decisions = (): Items => [
  {
    text: 'Decisions',
    items: generated('decisions')
      .filter(({ link }) => link !== '/decisions/')
      .map((item) => ({ ...item, text: item.text!.replace(/^(\d{4})\.?[ :—–-]*/, '$1 ') })),
  },
];

export function english(): DefaultTheme.Config {
  const project: Items = [{ text: 'Project', items: PROJECT }];
  return {
    nav: [
      { text: 'Guide', link: '/guides/quickstart', activeMatch: '^/guides/' },
      { text: 'Reference', link: '/reference/', activeMatch: '^/(?:reference/|errors)' },
      { text: 'CLI', link: '/cli/', activeMatch: '^/cli/' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
      { text: 'Project', items: PROJECT as DefaultTheme.NavItemWithLink[] },
    ],
    sidebar: {
      '/guides/': guides(),
      '/reference/': reference(),
      '/errors': reference(),
      '/cli/': commands(),
      '/api/': api(),
      '/decisions/': [...project, ...decisions()],
      '/project/': project,
      '/performance': project,
      '/reliability': project,
      '/compatibility': project,
      '/reference-map': project,
    },
    outline: { level: [2, 3] },
    footer: { message: 'Apache License 2.0' },
  };
}

export function japanese(): DefaultTheme.Config {
  const items = [
    { text: 'クイックスタート', link: '/ja/quickstart' },
    { text: 'Python リポジトリからの移行', link: '/ja/from-the-python-repository' },
  ];
  const inEnglish = [
    { text: 'ガイド', link: '/guides/' },
    { text: 'リファレンス', link: '/reference/' },
    { text: 'コマンド', link: '/cli/' },
    { text: 'エラー', link: '/errors' },
    { text: 'API', link: '/api/' },
  ];
  return {
    nav: [...items, { text: '英語のページ', items: inEnglish }],
    sidebar: {
      '/ja/': [
        { text: 'はじめに', items },
        { text: '英語のページ', items: inEnglish },
      ],
    },
    outline: { level: [2, 3], label: 'このページの内容' },
    docFooter: { prev: '前のページ', next: '次のページ' },
    darkModeSwitchLabel: '外観',
    lightModeSwitchTitle: 'ライトモードに切り替える',
    darkModeSwitchTitle: 'ダークモードに切り替える',
    sidebarMenuLabel: 'メニュー',
    returnToTopLabel: '先頭へ戻る',
    langMenuLabel: '言語を変更',
    skipToContentLabel: '本文へ移動',
    notFound: {
      title: 'ページが見つかりません',
      quote: '移動したか、まだ書かれていないページです。',
      linkLabel: 'ホームへ',
      linkText: 'ホームへ戻る',
    },
    footer: { message: 'Apache License 2.0' },
  };
}
