import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { readSettings } from './settings.ts';

const folder = freshFolder();
beforeEach(() => {
  mkdirSync(join(folder.path, 'inner/.config'), { recursive: true });
});

const read = (environment: Record<string, string> = {}) =>
  readSettings({ folder: join(folder.path, 'inner'), environment: { HOME: '/h', ...environment } });

describe('readSettings', () => {
  it('has defaults', async () => {
    expect(await read()).toEqual({
      cacheFolder: '/h/.cache/eddy',
      defaultEngine: 'auto',
      offline: false,
      allowInstall: true,
      reuseTraining: true,
    });
    expect((await read({ XDG_CACHE_HOME: '/x' })).cacheFolder).toBe('/x/eddy');
    expect((await read({ XDG_CACHE_HOME: 'relative' })).cacheFolder).toBe('/h/.cache/eddy');
  });

  it('reads YAML and JSON at or above the folder, paths relative to the file', async () => {
    writeFileSync(join(folder.path, '.eddyrc'), 'cacheFolder: ./cache\ndefaultEngine: wasm\n');
    expect(await read()).toMatchObject({
      cacheFolder: join(folder.path, 'cache'),
      defaultEngine: 'wasm',
      file: join(folder.path, '.eddyrc'),
    });
    writeFileSync(join(folder.path, 'inner/.config/eddyrc.json'), '{"offline": true}');
    expect(await read()).toMatchObject({ offline: true, defaultEngine: 'auto' });
  });

  it('lets the environment win', async () => {
    writeFileSync(join(folder.path, '.eddyrc.yml'), 'cacheFolder: /a\noffline: true');
    expect(await read({ EDDY_CACHE: '/b', EDDY_OFFLINE: '0' })).toMatchObject({
      cacheFolder: '/b',
      offline: false,
    });
    expect((await read({ EDDY_OFFLINE: '1' })).offline).toBe(true);
    expect((await read({ EDDY_REUSE_TRAINING: '0' })).reuseTraining).toBe(false);
  });

  it('never runs code', async () => {
    writeFileSync(join(folder.path, 'inner/.eddyrc.js'), 'throw new Error("ran")');
    writeFileSync(join(folder.path, 'inner/eddy.config.js'), 'throw new Error("ran")');
    expect((await read()).file).toBeUndefined();
  });

  it.each(['cacheFolders: x', 'offline: "yes"', '[1]', 'a: [', 'cacheFolder: 3'])(
    'refuses %s',
    async (text) => {
      writeFileSync(join(folder.path, '.eddyrc.yaml'), text);
      await expect(read()).rejects.toMatchObject({ code: 'SETTINGS_INVALID', exitCode: 2 });
    },
  );
});

it('takes an empty EDDY_CACHE or HOME for none: it would be the working folder', async () => {
  expect((await read({ EDDY_CACHE: '' })).cacheFolder).toBe('/h/.cache/eddy');
  expect((await read({ HOME: '' })).cacheFolder).not.toContain(process.cwd());
});
