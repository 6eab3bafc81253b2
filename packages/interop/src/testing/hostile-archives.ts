import { stateDict, tensor, text, torchFileOf, zipOf, type CraftedEntry } from './crafted-files.ts';
import { call } from './hostile-pickles.ts';
import { SIX, WEIGHT } from './small-state-dict.ts';

const good = (): CraftedEntry[] => [
  { name: 'archive/data.pkl', data: stateDict({ x: tensor(WEIGHT) }) },
  { name: 'archive/data/0', data: SIX },
];
const withEntry = (entry: Partial<CraftedEntry>): Buffer =>
  zipOf([...good(), { name: 'archive/more', data: Buffer.of(1), ...entry }]);
const changed = (index: number, change: Partial<CraftedEntry>): Buffer =>
  zipOf(good().map((entry, i) => (i === index ? { ...entry, ...change } : entry)));

/** Files that hold a good pickle and must be refused as archives, or are none; see hostilePickles. */
export const hostileArchives = (shell: string): [string, () => Buffer][] => [
  ['..', () => withEntry({ name: '../../evil' })],
  ['.. inside', () => withEntry({ name: 'archive/../../evil' })],
  ['an absolute name', () => withEntry({ name: '/etc/passwd' })],
  ['a drive', () => withEntry({ name: 'C:/evil' })],
  ['a backslash', () => withEntry({ name: 'archive\\..\\evil' })],
  ['a NUL', () => withEntry({ name: 'archive/a\0b' })],
  ['a duplicate', () => withEntry({ name: 'archive/data/0', data: SIX })],
  ['two pickles', () => withEntry({ name: 'other/data.pkl' })],
  ['another name before the data', () => changed(1, { localName: 'archive/data/1' })],
  ['compressed data', () => changed(1, { method: 8 })],
  ['a ratio bomb', () => changed(1, { method: 8, sizes: [24, 0xfffffff0] })],
  ['two sizes', () => changed(1, { sizes: [24, 1 << 30] })],
  ['a size past the file', () => changed(1, { sizes: [1 << 30, 1 << 30] })],
  ['an encrypted entry', () => changed(1, { flags: 1 })],
  ['a symbolic link', () => changed(1, { mode: 0o120777 })],
  ['a wrong sum', () => changed(1, { crc: 1 })],
  ['an entry on another', () => withEntry({ aliasOf: 1, localName: 'archive/data/0', data: SIX })],
  [
    'an entry inside another',
    () => {
      const inner = zipOf([{ name: 'archive/data/0', data: SIX }]);
      const entries = [good()[0]!, { name: 'archive/outer', data: inner }, good()[1]!];
      const bytes = zipOf(entries);
      // The directory's last entry points at the header inside `outer`.
      const at = bytes.lastIndexOf(Buffer.from('archive/data/0')) - 4;
      bytes.writeUInt32LE(bytes.indexOf(inner), at);
      return bytes;
    },
  ],
  ['big-endian numbers', () => withEntry({ name: 'archive/byteorder', data: Buffer.from('big') })],
  ['no pickle', () => zipOf([{ name: 'archive/data/0', data: SIX }])],
  ['an empty archive', () => zipOf([])],
  [
    'a cut archive',
    () => torchFileOf(stateDict({ x: tensor(WEIGHT) }), { 0: SIX }).subarray(0, -30),
  ],
  ['a bare pickle (before PyTorch 1.6)', () => call('posix', 'system', text(shell))],
  ['a tar archive (before PyTorch 0.1.10)', () => Buffer.alloc(1024, 'storages')],
  ['an empty file', () => Buffer.alloc(0)],
  ['two bytes', () => Buffer.from('PK')],
];
