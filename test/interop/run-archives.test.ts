import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { freshFolder } from '@eddy/core/testing';
import { describe, expect, it } from 'vitest';

import { zipOf, type CraftedEntry } from '../../packages/interop/src/testing/crafted-files.ts';
import { codeIn } from '../../packages/cli/src/archive/archive-code.ts';
import {
  formatArchiveManifest,
  type ArchiveManifest,
} from '../../packages/cli/src/archive/archive-manifest.ts';
import { unpackArchive, verifyUnpacked } from '../../packages/cli/src/archive/unpack.ts';

const folder = freshFolder();

const FILES: Readonly<Record<string, string>> = {
  'checkpoints/step-00000004/state.safetensors': 'weights',
  'config.yml': 'name: x\nengine: { use: cpu }\nplugins: []\nbaseFolder: "."\n',
  'evaluations/step-00000004/metrics.json': '{}',
  'journal.jsonl': '',
  'manifest.json': '{}',
  'sources/数独.ts': 'export default 1;',
};

const manifestOf = (files: Readonly<Record<string, string>>): Omit<ArchiveManifest, 'format'> => ({
  run: { name: 'x', id: '1', startedAt: '2026-11-30T00:00:00Z' },
  versions: {},
  engine: null,
  checkpoints: [],
  data: {},
  storedData: {},
  files: Object.fromEntries(
    Object.entries(files).map(([name, text]) => [
      name,
      {
        bytes: Buffer.byteLength(text),
        sha256: createHash('sha256').update(text).digest('hex'),
      },
    ]),
  ),
});

/** Entries of an archive whose manifest promises `promised`. */
function entriesOf(
  files: Readonly<Record<string, string>>,
  promised: Omit<ArchiveManifest, 'format'> = manifestOf(files),
): CraftedEntry[] {
  return [
    { name: 'archive.json', data: Buffer.from(formatArchiveManifest(promised)) },
    ...Object.entries(files).map(([name, text]) => ({ name, data: Buffer.from(text) })),
  ];
}

/** Unpacks entries and returns what was thrown; then there must be nothing but the archive. */
async function refusalOf(entries: CraftedEntry[] | Buffer): Promise<{ code: string; at: string }> {
  const archive = join(folder.path, 'a.zip');
  writeFileSync(archive, Buffer.isBuffer(entries) ? entries : zipOf(entries));
  const error: unknown = await unpackArchive(archive, join(folder.path, 'out')).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(readdirSync(folder.path)).toEqual(['a.zip']);
  const { code, facts } = error as { code: string; facts: { at: string } };
  return { code, at: facts.at };
}

async function unpacked(files = FILES): Promise<string> {
  writeFileSync(join(folder.path, 'a.zip'), zipOf(entriesOf(files)));
  await unpackArchive(join(folder.path, 'a.zip'), join(folder.path, 'out'));
  return join(folder.path, 'out');
}

describe('unpackArchive', () => {
  it('writes the files that were packed', async () => {
    const out = await unpacked();
    for (const [name, text] of Object.entries(FILES)) {
      expect(readFileSync(join(out, name), 'utf8')).toBe(text);
    }
    expect((await verifyUnpacked(out)).run.name).toBe('x');
    expect(readdirSync(folder.path).sort()).toEqual(['a.zip', 'out']);
  });

  it('refuses a folder that exists, and leaves it alone', async () => {
    await mkdir(join(folder.path, 'out'));
    writeFileSync(join(folder.path, 'out/mine'), 'x');
    await expect(unpacked()).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(readdirSync(join(folder.path, 'out'))).toEqual(['mine']);
    rmSync(join(folder.path, 'out'), { recursive: true });
    symlinkSync('/nowhere', join(folder.path, 'out'));
    await expect(unpacked()).rejects.toThrow();
    expect(existsSync('/nowhere')).toBe(false);
  });

  it.each(Object.keys(FILES).filter((name) => FILES[name] !== ''))(
    'notices that %s was changed, cut, lengthened or left out',
    async (name) => {
      const promised = manifestOf(FILES);
      const text = FILES[name]!;
      const changed = [`${text.slice(0, -1)}~`, text.slice(1), `${text}~`];
      for (const other of changed) {
        const { code, at } = await refusalOf(entriesOf({ ...FILES, [name]: other }, promised));
        expect(code).toBe('ARCHIVE_REFUSED');
        expect(at).toContain(name);
      }
      const { [name]: _gone, ...rest } = FILES;
      expect((await refusalOf(entriesOf(rest, promised))).at).toContain(name);
    },
  );

  it('notices a changed manifest, and every byte of it that matters', async () => {
    const text = formatArchiveManifest(manifestOf(FILES));
    const others = [
      text.replace('"bytes": 7', '"bytes": 8'),
      text.replace(/[0-9a-f]{64}/, '0'.repeat(64)),
      text.replace('"name": "x"', '"name": "y"'),
      text.replace(/"sha256": "[0-9a-f]{64}"\n}\n$/, '"sha256": null\n}\n'),
      '{}',
      'null',
      '[]',
      '',
    ];
    for (const other of others) {
      const [, ...files] = entriesOf(FILES);
      const { code, at } = await refusalOf([
        { name: 'archive.json', data: Buffer.from(other) },
        ...files,
      ]);
      expect({ code, at }).toMatchObject({ code: 'ARCHIVE_REFUSED' });
      expect(at).toContain('archive.json');
    }
  });

  /** The manifest lists them as it lists others: only the rules for names can refuse them. */
  it.each([
    ...['../evil', 'sources/../../evil', '/etc/evil', 'sources/..', 'sources//x', './config.yml'],
    ...[
      'sources/a\\..\\b',
      'C:/evil',
      'sources/a\0b',
      'sources/a\nb',
      'other/x',
      'evil',
      'archive.json',
    ],
    ...['sources/', 'lock', '.git/config', `sources/${'x'.repeat(241)}`, 'sources/CON:x'],
  ])('refuses a file called %j', async (name) => {
    const files = { ...FILES, [name]: 'x' };
    expect((await refusalOf(entriesOf(files))).code).toBe('ARCHIVE_REFUSED');
    // And where the manifest is silent about it.
    expect((await refusalOf(entriesOf(files, manifestOf(FILES)))).code).toBe('ARCHIVE_REFUSED');
  });

  it.each([
    ['names that are one on some disks', { 'sources/A.ts': '1', 'sources/a.ts': '2' }],
    ['names of two normal forms', { 'sources/\u00e9.ts': '1', 'sources/e\u0301.ts': '2' }],
    ['a file that is a folder, too', { 'sources/a': '1', 'sources/a/b.ts': '2' }],
  ])('refuses %s', async (_what, more) => {
    expect((await refusalOf(entriesOf({ ...FILES, ...more }))).code).toBe('ARCHIVE_REFUSED');
  });

  const entries = entriesOf(FILES);
  const last = entries.at(-1)!;
  const withLast = (change: Partial<CraftedEntry>) => [
    ...entries.slice(0, -1),
    { ...last, ...change },
  ];
  it.each<[string, CraftedEntry[] | Buffer]>([
    ['an entry twice', [...entries, last]],
    ['an entry on another', [...entries.slice(0, -1), { ...last, aliasOf: 1 }]],
    ['a compressed entry', withLast({ method: 8 })],
    ['a ratio bomb', withLast({ method: 8, sizes: [24, 0xfffffff0] })],
    ['a size past the end', withLast({ sizes: [1 << 30, 1 << 30] })],
    ['an encrypted entry', withLast({ flags: 1 })],
    ['another name before the data', withLast({ localName: 'sources/other.ts' })],
    ['a symbolic link', withLast({ mode: 0o120777 })],
    ['a wrong crc32', withLast({ crc: 1 })],
    ['no manifest', entries.slice(1)],
    ['a cut archive', zipOf(entries).subarray(0, -30)],
    ['an empty file', Buffer.alloc(0)],
    ['a tar file', Buffer.alloc(2048, 'ustar')],
  ])('refuses %s', async (_what, bytes) => {
    expect((await refusalOf(bytes)).code).toBe('ARCHIVE_REFUSED');
  });

  it('refuses a folder and a manifest of too many bytes', async () => {
    await expect(unpackArchive(folder.path, join(folder.path, 'out'))).rejects.toMatchObject({
      code: 'INPUT_NOT_A_FILE',
    });
    const data = Buffer.alloc((32 << 20) + 1, ' ');
    expect((await refusalOf([{ name: 'archive.json', data }])).code).toBe('ARCHIVE_REFUSED');
  });
});

describe('verifyUnpacked', () => {
  it.each(Object.keys(FILES))('notices that %s was changed or removed since', async (name) => {
    const out = await unpacked();
    const file = join(out, name);
    const text = readFileSync(file, 'utf8');
    for (const other of [`${text}~`, `~${text.slice(1)}`]) {
      writeFileSync(file, other);
      await expect(verifyUnpacked(out)).rejects.toMatchObject({
        code: 'ARCHIVE_REFUSED',
        facts: { at: `${out}, ${name}` },
      });
    }
    rmSync(file);
    await expect(verifyUnpacked(out)).rejects.toMatchObject({ code: 'ARCHIVE_REFUSED' });
  });
});

describe('codeIn', () => {
  const codeWith = async (config: string, sources: Record<string, string> = {}) => {
    rmSync(join(folder.path, 'out'), { recursive: true, force: true });
    const out = await unpacked({ 'config.yml': config, ...sources });
    return codeIn(out, await verifyUnpacked(out));
  };
  const base = 'baseFolder: "."\n';

  it('lists files, packages and native code that an engine would load', async () => {
    expect(await codeWith(`plugins: []\nengine: { use: cpu }\n${base}`)).toEqual([]);
    expect(
      await codeWith(
        `plugins: [./x.ts, some-package]\nengine: { use: xla, plugin: evaluations/x.so }\nbaseFolder: sources/p\n`,
        { 'sources/p/x.ts': '' },
      ),
    ).toEqual(['sources/p/x.ts', 'package some-package', 'engine.plugin: evaluations/x.so']);
    expect(await codeWith(`plugins: [./x.ts]\n${base}`)).toEqual(['./x.ts']);
  });

  it.each([
    ['baseFolder: /home/me/project\n'],
    ['baseFolder: sources/../..\n'],
    ['baseFolder: ../x\n'],
    ['name: x\n'],
    [`name: "\${env:HOME}"\n${base}`],
    // YAML writes a dollar sign in other ways, too, and a backslash may itself be escaped.
    [`name: "\\x24{env:HOME}"\n${base}`],
    [`a: { b: [x, "\\u0024\\x7benv:HOME}"] }\n${base}`],
    [`name: "$\\\n  {env:HOME}"\n${base}`],
    [`extends: ./other.yml\n${base}`],
    [`defaults: [x]\n${base}`],
  ])('refuses the config %j', async (config) => {
    await expect(codeWith(config)).rejects.toMatchObject({ code: 'ARCHIVE_REFUSED' });
  });
});
