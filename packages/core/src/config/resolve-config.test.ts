import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { resolveConfig } from './resolve-config.ts';

const folder = freshFolder();

it('says that the base folder of a run that has moved is gone', async () => {
  const file = join(folder.path, 'config.yml');
  await writeFile(join(folder.path, 'manifest.json'), '{}');
  await writeFile(file, 'baseFolder: /nowhere/project\n');
  const settings = {
    cacheFolder: folder.path,
    defaultEngine: 'auto',
    offline: true,
    allowInstall: false,
  };
  const builtin = { names: [], folder: folder.path };
  await expect(resolveConfig(file, [], { builtin, settings })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    problems: [{ path: ['baseFolder'], message: 'there is no such base folder' }],
  });
});
