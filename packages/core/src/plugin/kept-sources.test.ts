import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { findSources, keptSourcesSchema, sourcesToKeep, verifySources } from './kept-sources.ts';

const folder = freshFolder();

/** sha256 of `a`, as `sha256sum` prints it. */
const SHA_A = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

describe('sourcesToKeep', () => {
  it('keeps files as they lie below the deepest folder that holds all', () => {
    const files = [
      { path: '/home/me/p/pipelines/plugins/x.ts', source: 'a' },
      { path: '/home/me/p/lib/near.ts', source: 'b' },
    ];
    const kept = sourcesToKeep('/home/me/p/pipelines', files)!;
    expect(kept.record.base).toBe('pipelines');
    expect(Object.keys(kept.record.files)).toEqual(['lib/near.ts', 'pipelines/plugins/x.ts']);
    expect(kept.record.files['pipelines/plugins/x.ts']).toBe(SHA_A);
    expect(kept.texts.get('lib/near.ts')).toBe('b');
    // What it writes can be read again.
    expect(keptSourcesSchema.parse(kept.record)).toEqual(kept.record);
  });

  it('has the base itself as root where all lie below it, and nothing where there is no file', () => {
    const { record } = sourcesToKeep('/p', [{ path: '/p/x.ts', source: 'a' }])!;
    expect(record).toEqual({ base: '', files: { 'x.ts': SHA_A } });
    expect(sourcesToKeep('/p', [])).toBe(undefined);
  });
});

it.each(['../x.ts', '/x.ts', 'a/../../x.ts', 'a//x.ts', './x.ts', 'a\\x.ts', 'a/..', 'x\0.ts', ''])(
  'refuses a manifest that keeps %j',
  (path) => {
    expect(keptSourcesSchema.safeParse({ base: '', files: { [path]: SHA_A } }).success).toBe(false);
    if (path !== '') {
      expect(keptSourcesSchema.safeParse({ base: path, files: {} }).success).toBe(false);
    }
  },
);

describe('findSources and verifySources', () => {
  const record = { base: 'pipelines', files: { 'lib/near.ts': SHA_A, 'pipelines/x.ts': SHA_A } };

  it('tell what lies in a project, what is gone and what has changed', async () => {
    const base = join(folder.path, 'pipelines');
    await put(join(base, 'x.ts'), 'a');
    const near = join(folder.path, 'lib/near.ts');
    expect(await findSources(base, record)).toEqual({ missing: [near], changed: [] });
    await put(near, 'a changed one');
    expect(await findSources(base, record)).toEqual({ missing: [], changed: [near] });
    await put(near, 'a');
    expect(await findSources(base, record)).toEqual({ missing: [], changed: [] });
  });

  it('refuse a copy that was changed or is gone', async () => {
    await put(join(folder.path, 'sources/pipelines/x.ts'), 'a');
    await put(join(folder.path, 'sources/lib/near.ts'), 'a');
    await verifySources(folder.path, record);
    await put(join(folder.path, 'sources/lib/near.ts'), 'A');
    await expect(verifySources(folder.path, record)).rejects.toMatchObject({
      code: 'RUN_SOURCES_DAMAGED',
      facts: { at: join(folder.path, 'sources/lib/near.ts') },
    });
    await expect(verifySources(join(folder.path, 'none'), record)).rejects.toMatchObject({
      code: 'RUN_SOURCES_DAMAGED',
      facts: { received: 'no file' },
    });
  });
});
