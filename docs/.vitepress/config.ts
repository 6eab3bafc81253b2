/** The documentation site. `npm run docs:generate` has written the pages that come from the code. */
import { defineConfig } from 'vitepress';

import { checkAnchors } from './check-anchors.ts';
import { noTemplates } from './markdown/no-templates.ts';
import { repositoryLinks } from './markdown/repository-links.ts';
import { slugify } from './markdown/slugify.ts';
import { english, japanese } from './navigation.ts';
import { NOT_PAGES, REPOSITORY } from './repository.ts';
import { search } from './search.ts';

/** GitHub Pages serves the site from a folder; the workflow names it. */
const base = `/${process.env['DOCS_BASE'] ?? ''}/`.replace(/\/{2,}/g, '/');

export default defineConfig({
  title: 'Eddy',
  description: 'Declarative pipelines for tiny recursive models',
  base,
  cleanUrls: true,
  lastUpdated: false,
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}logo.svg` }]],
  rewrites: {
    'guides/README.md': 'guides/index.md',
    'decisions/README.md': 'decisions/index.md',
  },
  srcExclude: NOT_PAGES.map((file) => file.replace('docs/', '')),
  markdown: {
    anchor: { slugify },
    config: (md) => {
      md.use(repositoryLinks);
      md.use(noTemplates);
    },
  },
  locales: {
    root: { label: 'English', lang: 'en', themeConfig: english() },
    ja: {
      label: '日本語',
      lang: 'ja',
      description: '小さな再帰モデルのための宣言的パイプライン',
      themeConfig: japanese(),
    },
  },
  themeConfig: {
    logo: '/logo.svg',
    search,
    externalLinkIcon: true,
    socialLinks: [{ icon: 'github', link: REPOSITORY, ariaLabel: 'Eddy on GitHub' }],
  },
  vite: { build: { chunkSizeWarningLimit: 4000 } },
  buildEnd: ({ outDir }) => checkAnchors(outDir, base),
});
