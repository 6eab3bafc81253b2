/**
 * Sixty ways out of a folder, in each place where a file that somebody else wrote names another: pipeline files, archives,
 * checkpoints, datasets, plugin packages, the live page. None is followed.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, relative } from 'node:path';

import { loadCheckpoint, saveCheckpoint } from '@eddy/core/checkpoint';
import { resolveConfig } from '@eddy/core/run';
import { openDataset } from '@eddy/core/data';
import { sharedFolder } from '@eddy/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

import { unpackArchive } from '../../packages/cli/src/archive/unpack.ts';
import { BUILTIN } from '../../packages/cli/src/project/builtin.ts';
import { readManifest } from '../../packages/core/src/plugin/manifest.ts';
import { resolveDataFile } from '../../packages/datasets/src/files/data-file.ts';
import { metadataSchema } from '../../packages/datasets/src/reference-folder/layout.ts';
import { zipOf } from '../../packages/interop/src/testing/crafted-files.ts';
import { MadeRun } from '../../packages/ui/src/testing/made-run.ts';
import { startTestUi, type TestUi } from '../../packages/ui/src/testing/test-ui.ts';

/** Lies beside the folders that the escapes start from. */
const SECRET = 'secret';
const folder = sharedFolder();
const inside = () => join(folder.path, 'project', 'inner');
const outside = () => join(folder.path, `${SECRET}.yml`);

const UP = ['..', '../', './..', 'a/../..', 'a/../../b/..', '../..', '../../..', `../../${SECRET}`, `../../${SECRET}.yml`, `x/../../../${SECRET}.yml`, `./../../${SECRET}.yml`, `..//..//${SECRET}.yml`, `../.././${SECRET}.yml`, '../../../../../../../../etc/passwd']; // prettier-ignore
const ABSOLUTE = ['/', '//', '/etc/passwd', '//etc/passwd', '///etc/passwd', '/proc/self/environ', '/dev/zero', '/dev/stdin', '~', '~/.ssh/id_rsa', '~root/.bashrc', '$HOME/x', 'file:///etc/passwd', 'FILE:///etc/passwd', 'file://localhost/etc/passwd']; // prettier-ignore
const WINDOWS = ['C:\\Windows\\win.ini', 'C:/Windows/win.ini', 'c:x', '\\\\server\\share\\x', '//server/share/x', '\\\\?\\C:\\x', '..\\..\\secret.yml', '..\\', 'a\\..\\..\\x', 'CON', 'NUL', 'aux.yml:stream']; // prettier-ignore
const CODED = ['%2e%2e/%2e%2e/secret.yml', '%2e%2e%2f%2e%2e%2fsecret.yml', '..%2f..%2fsecret.yml', '..%5c..%5csecret.yml', '%252e%252e%252fsecret.yml', '%c0%ae%c0%ae/secret.yml', '..%00/secret.yml', '..;/secret.yml', '..\u2215..\u2215secret.yml', '\uff0e\uff0e/secret.yml', '..\u0000/secret.yml', 'a\u0000.yml', '\u0000']; // prettier-ignore
const ODD = ['', ' ', '.', '...', '....//....//secret.yml', 'link/secret.yml', 'link.yml', 'LINK/secret.yml', 'up/../../../secret.yml', '\n../../secret.yml', '../../secret.yml\n']; // prettier-ignore
const ESCAPES = [...UP, ...ABSOLUTE, ...WINDOWS, ...CODED, ...ODD];

beforeAll(() => {
  mkdirSync(join(inside(), 'up'), { recursive: true });
  writeFileSync(join(folder.path, 'project', 'package.json'), '{}');
  writeFileSync(outside(), 'seed: 12345\n');
  symlinkSync(folder.path, join(inside(), 'link'));
  symlinkSync(outside(), join(inside(), 'link.yml'));
});

/** What lies in the folder; nothing may be added outside the places that a test made. */
const names = () => readdirSync(folder.path).sort();

it('knows sixty', () => expect(new Set(ESCAPES).size).toBeGreaterThanOrEqual(60));

describe('pipeline files', () => {
  const settings = () => ({ cacheFolder: folder.path, defaultEngine: 'auto', offline: true, allowInstall: false }); // prettier-ignore
  const base = { name: 'p', build: { dataset: { use: 'sudoku', source: { generator: { size: 4, train: 8, test: 2 } } } } }; // prettier-ignore
  const resolve = async (more: object) => {
    const file = join(inside(), 'p.yml');
    writeFileSync(file, stringify({ ...base, ...more }));
    return resolveConfig(file, [], { builtin: BUILTIN, settings: settings() });
  };

  it.each<[string, (path: string) => object]>([
    ['extends', (path) => ({ extends: path })],
    ['extends in a list', (path) => ({ extends: [path] })],
    ['defaults', (path) => ({ defaults: [path] })],
    ['a group of defaults', (path) => ({ defaults: [{ vars: path }] })],
    ['plugins', (path) => ({ plugins: [path] })],
    ['name', (path) => ({ name: path })],
    [
      'the name of a stage',
      (path) => ({ [path]: base.build, more: { use: 'build', ...base.build } }),
    ],
    ['repository of the hub', (path) => ({ build: { dataset: { use: 'sudoku', source: { hub: { repo: path } } } } })], // prettier-ignore
    ['revision of the hub', (path) => ({ build: { dataset: { use: 'sudoku', source: { hub: { revision: path } } } } })], // prettier-ignore
  ])('%s', async (what, make) => {
    expect((await resolve({})).seed).toBe(0);
    for (const path of ESCAPES) {
      const error: unknown = await resolve(make(path)).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      // `CON` and `link/secret.yml` are names like others, where a name is what is asked for.
      if (error === undefined) {
        expect(what, path).toMatch(/name$|hub$|stage$/);
        expect(path).toMatch(/^\w[\w.-]*(?:\/\w[\w.-]*)?$/);
        continue;
      }
      expect((error as { name?: string }).name, JSON.stringify(path)).toBe('EddyError');
      expect(String(error)).not.toContain('12345');
    }
  });

  it('baseFolder', async () => {
    for (const path of ESCAPES) {
      const resolved = await resolve({ baseFolder: path }).catch(
        (error: unknown) => error as { name: string },
      );
      if (!('folder' in resolved)) expect(resolved.name).toBe('EddyError');
      // A folder of the project: `.`, and what only looks like a way out.
      else expect(relative(join(folder.path, 'project'), resolved.folder)).not.toMatch(/^\.\.|^\//);
    }
  });
});

it('data files: a path that is none is refused, also where it is strange', () => {
  // A user may name data anywhere; nothing is read from a path that a file system does not have.
  for (const path of [...CODED, ...WINDOWS, '', ' ']) {
    const found = (() => {
      try {
        return resolveDataFile(path, inside());
      } catch (error) {
        expect((error as { code?: string }).code, JSON.stringify(path)).toBe('DATA_FILE_MISSING');
        return undefined;
      }
    })();
    if (found !== undefined) expect(relative(inside(), found)).toBe('');
  }
});

describe('files that name files', () => {
  const signed = (body: object) => {
    const sha256 = createHash('sha256').update(JSON.stringify(body)).digest('hex');
    return JSON.stringify({ ...body, sha256 });
  };

  it('archives', async () => {
    const before = names();
    const data = Buffer.from('x');
    const sha256 = createHash('sha256').update(data).digest('hex');
    for (const path of ESCAPES) {
      for (const name of [path, `checkpoints/${path}`, `sources/${path}`]) {
        const manifest = signed({
          format: 'eddy-archive/1',
          run: { name: 'x', id: '1', startedAt: '2026-01-01T00:00:00Z' },
          ...{ versions: {}, engine: null, checkpoints: [], data: {}, storedData: {} },
          files: { [name]: { bytes: 1, sha256 } },
        });
        const archive = join(inside(), 'run.zip');
        writeFileSync(archive, zipOf([{ name: 'archive.json', data: Buffer.from(manifest) }, { name, data }])); // prettier-ignore
        const output = join(inside(), 'unpacked');
        const error: unknown = await unpackArchive(archive, output).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error === undefined) {
          // Harmless as a name: it lies in the folder.
          expect(existsSync(join(output, name)), JSON.stringify(name)).toBe(true);
          expect(join(output, name).startsWith(`${output}/`)).toBe(true);
          rmSync(output, { recursive: true });
        } else
          expect((error as { code?: string }).code, JSON.stringify(name)).toBe('ARCHIVE_REFUSED');
      }
    }
    expect(names()).toEqual(before);
  });

  it('checkpoints', async () => {
    const { path } = await saveCheckpoint(join(inside(), 'checkpoints'), {
      ...{ step: 1, epoch: 0, metadata: {} },
      state: { a: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } },
    });
    for (const name of ESCAPES) {
      const body = {
        ...{ format: 'eddy-checkpoint/2', step: 1, epoch: 0, stateHash: 'x', metadata: {} },
        files: { [name]: { bytes: 12, sha256: 'x' } },
      };
      writeFileSync(join(path, 'manifest.json'), signed(body));
      await expect(loadCheckpoint(path)).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' });
    }
  });

  it('datasets', async () => {
    const counts = { numGroups: 1, numPuzzles: 1, numExamples: 1, meanPuzzleExamples: 1 };
    for (const name of ESCAPES) {
      const place = join(inside(), 'dataset');
      mkdirSync(place, { recursive: true });
      const metadata = { vocabSize: 6, seqLen: 16, numPuzzleIdentifiers: 1, padId: 0 };
      const file = { ...metadata, splits: { [name]: counts }, sha256: {} };
      writeFileSync(join(place, 'dataset.json'), JSON.stringify(file));
      const refused = openDataset(place).then(async (dataset) => dataset.open(name));
      await expect(refused, JSON.stringify(name)).rejects.toMatchObject({
        code: 'DATASET_DAMAGED',
      });
    }
  });

  it('folders of the reference', () => {
    const usual = { pad_id: 0, ignore_label_id: 0, blank_identifier_id: 0, vocab_size: 6, seq_len: 16, num_puzzle_identifiers: 1, total_groups: 1, mean_puzzle_examples: 1 }; // prettier-ignore
    expect(metadataSchema.safeParse({ ...usual, sets: ['all'] }).success).toBe(true);
    for (const name of ESCAPES) {
      // `CON` and `NUL` are plain names where this runs.
      const isPlain = /^\w+$/.test(name);
      expect(metadataSchema.safeParse({ ...usual, sets: [name] }).success, name).toBe(isPlain);
    }
  });

  it('plugin packages', async () => {
    const place = join(inside(), 'package');
    mkdirSync(place, { recursive: true });
    for (const path of ESCAPES) {
      for (const target of [path, `./${path}`]) {
        const content = {
          name: 'p',
          version: '1',
          exports: { '.': target },
          eddy: { apiVersion: 1, plugins: [] },
        };
        writeFileSync(join(place, 'package.json'), JSON.stringify(content));
        const found = (await readManifest(place))?.resolve('.');
        if (found !== undefined) expect(`${found}/`.startsWith(`${place}/`), target).toBe(true);
      }
    }
  });
});

describe('routes of the live page', () => {
  let place: TestUi;
  beforeAll(async () => {
    place = await startTestUi((runs) => {
      new MadeRun(join(runs, 'one')).steps(1, 5);
      writeFileSync(join(runs, '..', `${SECRET}.yml`), 'seed: 12345\n');
    });
  });
  afterAll(() => place.end());

  /** As it stands: a browser or `fetch` would have resolved `..`. */
  const raw = (path: string) =>
    new Promise<{ status: number; text: string } | undefined>((resolve) => {
      const headers = { authorization: `Bearer ${place.ui.token}` };
      try {
        const sent = request(
          { host: '127.0.0.1', port: place.ui.port, path, headers },
          (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
            response.on('end', () => resolve({ status: response.statusCode!, text }));
          },
        );
        sent.on('error', () => resolve(undefined)).end();
      } catch {
        // Node sends no control characters.
        resolve(undefined);
      }
    });

  it('answers none with a file', async () => {
    const { rows } = JSON.parse((await place.get('/api/runs')).text) as { rows: { id: string }[] };
    const { id } = rows[0]!;
    for (const path of ESCAPES) {
      for (const route of [
        `/${path}`,
        `/assets/${path}`,
        `/api/runs/${path}`,
        `/api/runs/${path}/config`,
        `/api/runs/${id}/${path}`,
        `/api/runs/${id}/reasoning?evaluation=${path}`,
        `/api/live?topic=run/${path}`,
      ]) {
        // prettier-ignore
        for (const sent of [route, route.replaceAll('/', '%2f').replace(/^%2f/, '/'), encodeURI(route)]) {
          if (sent.startsWith('/api/live')) continue; // a stream without an end
          const answer = await raw(sent);
          if (answer === undefined) continue;
          expect(answer.status, sent).toBeLessThan(500);
          expect(answer.text, sent).not.toMatch(/12345|root:x:|PATH=/);
        }
      }
    }
  });
});
