/**
 * Keys that reach JavaScript's prototypes, in everything that is read: pipeline files, overrides, JSON of runs, data and
 * plugins, requests of the live page. Whatever comes of it, no prototype is changed.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, expect, it } from 'vitest';

import { resolveConfig } from '@eddy/core/run';
import { stringify } from 'yaml';

import { BUILTIN } from '../../packages/cli/src/project/builtin.ts';
import { readManifest } from '../../packages/core/src/plugin/manifest.ts';
import { MadeRun } from '../../packages/ui/src/testing/made-run.ts';
import { startTestUi } from '../../packages/ui/src/testing/test-ui.ts';
import { folder, READERS } from './readers.ts';

/** What would be found on every object. */
const POLLUTED = 'polluted';
const PAYLOADS = [
  `{"${POLLUTED}": 1}`,
  `{"prototype": {"${POLLUTED}": 1}}`,
  `{"__proto__": {"${POLLUTED}": 1}}`,
  `[{"${POLLUTED}": 1}]`,
  '1',
];
const KEYS = ['__proto__', 'constructor', 'prototype', '\\u005f_proto__'];
/** Entries to put behind a `{`. */
const ENTRIES = KEYS.flatMap((key) => PAYLOADS.map((payload) => `"${key}": ${payload}`));

afterEach(() => {
  for (const { prototype } of [Object, Array, Function, String, Number, Map, Promise]) {
    expect(POLLUTED in (prototype as object)).toBe(false);
  }
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});

/** Files in which a `{` may stand. */
const TEXTS = Object.entries(READERS).filter(([name]) => !/CSV|PyTorch/.test(name));

it.each(TEXTS)('%s', async (_, { file, valid, pack = (bytes) => bytes, read }) => {
  const text = (await valid()).toString('latin1');
  const path = join(folder.path, file);
  mkdirSync(dirname(path), { recursive: true });
  const places = [...text.matchAll(/\{/g)].map(({ index }) => index + 1).slice(0, 6);
  for (const place of places) {
    for (const entry of ENTRIES) {
      const isEmpty = /^\s*\}/.test(text.slice(place));
      const changed = `${text.slice(0, place)}${entry}${isEmpty ? '' : ','}${text.slice(place)}`;
      writeFileSync(path, pack(Buffer.from(changed, 'latin1')));
      await Promise.resolve(read(path, folder.path)).catch((error: unknown) => {
        if ((error as Error).name !== 'EddyError') throw error;
      });
      expect(({} as Record<string, unknown>)[POLLUTED], entry).toBeUndefined();
    }
  }
  rmSync(path, { recursive: true, force: true });
});

const settings = () => ({
  cacheFolder: folder.path,
  defaultEngine: 'auto',
  offline: true,
  allowInstall: false,
});
const PIPELINE = {
  name: 'p',
  vars: { a: { b: 1 } },
  build: { dataset: { use: 'sudoku', source: { generator: { size: 4, train: 8, test: 2 } } } },
};

const resolved = async (text: string, overrides: readonly string[] = []) => {
  const file = join(folder.path, 'p.yml');
  writeFileSync(file, text);
  return resolveConfig(file, overrides, { builtin: BUILTIN, settings: settings() }).then(
    () => 'valid',
    (error: unknown) => (error as { code: string }).code,
  );
};

it('pipeline files', async () => {
  const plain = JSON.stringify(PIPELINE);
  expect(await resolved(plain)).toBe('valid');
  for (const { index } of plain.matchAll(/\{/g)) {
    for (const entry of ENTRIES) {
      const text = `${plain.slice(0, index + 1)}${entry},${plain.slice(index + 1)}`;
      expect(await resolved(text), text).toBe('CONFIG_INVALID');
    }
  }
  for (const key of KEYS.slice(0, 3)) {
    const yaml = stringify(PIPELINE);
    for (const more of [
      `${key}: { ${POLLUTED}: 1 }\n`,
      `? ${key}\n: { ${POLLUTED}: 1 }\n`,
      `x: &x { "${key}": { ${POLLUTED}: 1 } }\ny: { <<: *x }\n`,
      `!!str ${key}: { ${POLLUTED}: 1 }\n`,
    ]) {
      expect(await resolved(yaml + more), more).toBe('CONFIG_INVALID');
    }
  }
});

it('overrides', async () => {
  const plain = JSON.stringify(PIPELINE);
  for (const key of KEYS.slice(0, 3)) {
    for (const path of [
      key,
      `vars.${key}`,
      `vars.a.${key}`,
      `build.dataset.${key}`,
      `${key}.${key}`,
    ]) {
      for (const prefix of ['', '+', '++']) {
        for (const override of [
          `${prefix}${path}=1`,
          `${prefix}${path}.${POLLUTED}=1`,
          `${prefix}${path}={${POLLUTED}: 1}`,
          `${prefix}vars.a={"${key}": {${POLLUTED}: 1}}`,
          `${prefix}vars.a={${key}: {${POLLUTED}: 1}}`,
          `${prefix}${path}/x=y`,
          `${prefix}x@${path}=y`,
        ]) {
          expect(await resolved(plain, [override]), override).toBe('CONFIG_INVALID');
        }
      }
      expect(await resolved(plain, [`~${path}`]), path).toBe('CONFIG_INVALID');
    }
  }
  // An interpolation finds nothing that the file does not have.
  for (const key of [
    '__proto__',
    'constructor',
    'constructor.name',
    'toString',
    'vars.a.hasOwnProperty',
  ]) {
    expect(await resolved(plain, [`vars.x=\${${key}}`]), key).toBe('CONFIG_INVALID');
  }
});

it('manifests of plugin packages', async () => {
  const place = join(folder.path, 'package');
  mkdirSync(place, { recursive: true });
  const plain = JSON.stringify({
    name: 'p',
    version: '1.0.0',
    exports: { '.': './index.js' },
    eddy: { apiVersion: 1, plugins: [{ kind: 'model', name: 'm', summary: 's', export: './m' }] },
  });
  for (const { index } of plain.matchAll(/\{/g)) {
    for (const entry of ENTRIES) {
      writeFileSync(join(place, 'package.json'), `${plain.slice(0, index + 1)}${entry},${plain.slice(index + 1)}`); // prettier-ignore
      const manifest = await readManifest(place).catch((error: unknown) => {
        expect((error as { code: string }).code).toBe('PLUGIN_MANIFEST_INVALID');
        return undefined;
      });
      for (const subpath of [...KEYS, 'toString'])
        expect(manifest?.resolve(subpath)).toBeUndefined();
    }
  }
});

it('requests of the live page', async () => {
  const place = await startTestUi((runs) => void new MadeRun(join(runs, 'one')).steps(1, 10));
  try {
    const { rows } = JSON.parse((await place.get('/api/runs')).text) as { rows: { id: string }[] };
    const run = `/api/runs/${rows[0]!.id}`;
    const headers = {
      authorization: `Bearer ${place.ui.token}`,
      'content-type': 'application/json',
      'sec-fetch-site': 'same-origin',
    };
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      for (const path of [
        '/api/runs',
        run,
        `${run}/series`,
        `${run}/config`,
        '/api/session',
        '/api/live',
      ]) {
        for (const query of [
          `${key}[${POLLUTED}]=1`,
          `${key}.${POLLUTED}=1`,
          `metric=${key}&set=${key}`,
          `topic=run/${key}`,
        ]) {
          if (path === '/api/live') continue; // a stream without an end
          expect((await place.get(`${path}?${query}`)).status).toBeLessThan(500);
        }
      }
      for (const path of [`/api/runs/${key}`, `/api/${key}`, `/${key}`, `${run}/${key}`]) {
        expect((await place.get(path)).status).toBe(404);
      }
      for (const body of [
        `{"${key}": {"${POLLUTED}": 1}}`,
        `{"overrides": [{"${key}": {"${POLLUTED}": 1}}]}`,
      ]) {
        for (const path of [`${run}/stop`, `${run}/save`, `${run}/resume`]) {
          const { status } = await place.send(path, { method: 'POST', headers, body });
          expect(status).toBeLessThan(500);
        }
      }
    }
  } finally {
    await place.end();
  }
});
