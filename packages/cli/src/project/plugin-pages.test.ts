import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { freshFolder } from '@eddy/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';

import { pagesOf } from './plugin-pages.ts';

const repository = resolve(import.meta.dirname, '../../../..');
const folder = freshFolder();
let root: string;
beforeEach(() => {
  root = realpathSync(folder.path);
});

function write(name: string, text = ''): string {
  const file = join(root, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const sourceMap = (...sources: string[]) => JSON.stringify({ version: 3, sources });

describe('pagesOf', () => {
  it('finds the source of a compiled file, through the link of a workspace', () => {
    write('packages/own/dist/lion/lion.js');
    write('packages/own/dist/lion/lion.js.map', sourceMap('../../src/lion/lion.ts'));
    const source = write('packages/own/src/lion/lion.ts');
    const page = write('packages/own/src/lion/README.md');
    mkdirSync(join(root, 'node_modules'));
    symlinkSync(join(root, 'packages/own'), join(root, 'node_modules/own'));
    const file = join(root, 'node_modules/own/dist/lion/lion.js');
    expect(pagesOf({ kind: 'optimizer', name: 'lion', file })).toEqual({
      source,
      page,
      guide: join(repository, 'docs/guides/write-an-optimizer.md'),
    });
  });

  it('takes the file itself where the source is not packed, or is one of several', () => {
    const bare = write('bare.js');
    write('bare.js.map', sourceMap('./gone.ts'));
    expect(pagesOf({ kind: 'model', name: 'bare', file: bare }).source).toBe(bare);
    const bundle = write('bundle.js');
    write('first.ts');
    write('second.ts');
    write('bundle.js.map', sourceMap('./first.ts', './second.ts'));
    expect(pagesOf({ kind: 'model', name: 'bundle', file: bundle }).source).toBe(bundle);
  });

  it('takes no README of a folder that is not the plugin’s own, and no guide of another kind', () => {
    write('README.md');
    const file = write('mine.ts');
    expect(pagesOf({ kind: 'averager', name: 'mine', file })).toEqual({
      source: file,
      page: undefined,
      guide: undefined,
    });
  });

  it('says where the file should be when it is not there', () => {
    const file = join(root, 'missing.js');
    expect(pagesOf({ kind: 'model', name: 'missing', file }).source).toBe(file);
  });
});
