import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { readSettings } from './settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-settings-'));
  mkdirSync(join(folder, 'inner/.config'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (environment: Record<string, string> = {}) =>
  readSettings({ folder: join(folder, 'inner'), environment: { HOME: '/h', ...environment } });

describe('readSettings', () => {
  it('has defaults', async () => {
    expect(await read()).toEqual({
      cacheFolder: '/h/.cache/eddy',
      defaultEngine: 'auto',
      offline: false,
      allowInstall: true,
    });
    expect((await read({ XDG_CACHE_HOME: '/x' })).cacheFolder).toBe('/x/eddy');
    expect((await read({ XDG_CACHE_HOME: 'relative' })).cacheFolder).toBe('/h/.cache/eddy');
  });

  it('reads YAML and JSON at or above the folder, paths relative to the file', async () => {
    writeFileSync(join(folder, '.eddyrc'), 'cacheFolder: ./cache\ndefaultEngine: wasm\n');
    expect(await read()).toMatchObject({
      cacheFolder: join(folder, 'cache'),
      defaultEngine: 'wasm',
      file: join(folder, '.eddyrc'),
    });
    writeFileSync(join(folder, 'inner/.config/eddyrc.json'), '{"offline": true}');
    expect(await read()).toMatchObject({ offline: true, defaultEngine: 'auto' });
  });

  it('lets the environment win', async () => {
    writeFileSync(join(folder, '.eddyrc.yml'), 'cacheFolder: /a\noffline: true');
    expect(await read({ EDDY_CACHE: '/b', EDDY_OFFLINE: '0' })).toMatchObject({
      cacheFolder: '/b',
      offline: false,
    });
    expect((await read({ EDDY_OFFLINE: '1' })).offline).toBe(true);
  });

  it('never runs code', async () => {
    writeFileSync(join(folder, 'inner/.eddyrc.js'), 'throw new Error("ran")');
    writeFileSync(join(folder, 'inner/eddy.config.js'), 'throw new Error("ran")');
    expect((await read()).file).toBeUndefined();
  });

  it.each(['cacheFolders: x', 'offline: "yes"', '[1]', 'a: [', 'cacheFolder: 3'])(
    'refuses %s',
    async (text) => {
      writeFileSync(join(folder, '.eddyrc.yaml'), text);
      await expect(read()).rejects.toMatchObject({ code: 'SETTINGS_INVALID', exitCode: 2 });
    },
  );
});

it('takes an empty EDDY_CACHE or HOME for none: it would be the working folder', async () => {
  expect((await read({ EDDY_CACHE: '' })).cacheFolder).toBe('/h/.cache/eddy');
  expect((await read({ HOME: '' })).cacheFolder).not.toContain(process.cwd());
});
