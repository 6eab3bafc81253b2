import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { decodeText } from './text-encoding.ts';

const folder = freshFolder();

const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const withMark = Buffer.concat([Buffer.from([0xff, 0xfe]), utf16('name: b\n')]);

const told = (bytes: Uint8Array) => {
  const decoded = decodeText(bytes, 'a.yml');
  if ('text' in decoded) return decoded.text;
  const { line, column, message, fix } = decoded.problem;
  return `${line}:${column} ${message} → ${fix}`;
};

const saveAs = (encoding: string) =>
  `save it as UTF-8 in your editor, or convert it: iconv -f ${encoding} -t UTF-8 a.yml > a.utf8.yml`;

describe('decodeText', () => {
  it.each([
    ['UTF-8', Buffer.from('name: é\n'), 'name: é\n'],
    ['UTF-8 with its mark', Buffer.from('\ufeffname: é\n'), 'name: é\n'],
    ['nothing', Buffer.alloc(0), ''],
    ['UTF-16', withMark, `1:1 the file is encoded in UTF-16 → ${saveAs('UTF-16')}`],
    [
      'UTF-16 without a mark',
      utf16('name: b\n'),
      `1:1 the file is encoded in UTF-16LE → ${saveAs('UTF-16LE')}`,
    ],
    [
      'big-endian UTF-16',
      utf16('name: b\n').swap16(),
      `1:1 the file is encoded in UTF-16BE → ${saveAs('UTF-16BE')}`,
    ],
    [
      'UTF-32',
      Buffer.from('fffe00006e000000', 'hex'),
      `1:1 the file is encoded in UTF-32 → ${saveAs('UTF-32')}`,
    ],
    [
      'Latin-1',
      Buffer.from('a: 1\nb: caf\xe9\n', 'latin1'),
      `2:7 the file is not in UTF-8: the byte 0xe9 here is "é" in Windows-1252 (Latin-1) → ${saveAs('WINDOWS-1252')}`,
    ],
    [
      'Latin-1 in the first byte',
      Buffer.from('\xe9: 1\nb: 2\n', 'latin1'),
      `1:1 the file is not in UTF-8: the byte 0xe9 here is "é" in Windows-1252 (Latin-1) → ${saveAs('WINDOWS-1252')}`,
    ],
    [
      'a NUL',
      Buffer.from('a: b\0c\n'),
      '1:5 a NUL character is here, which a text file cannot contain → remove this character; inside "…" it is written \\x00',
    ],
    [
      'a bell',
      Buffer.from('a: b\n\x07c\n'),
      '2:1 the control character 0x07 is here, which a text file cannot contain → remove this character; inside "…" it is written \\x07',
    ],
    [
      'an archive',
      Buffer.from('PK\x03\x04'),
      '1:1 this is a zip archive, not text → name a pipeline file, which is text in YAML',
    ],
    [
      'random bytes',
      Buffer.from(Array.from({ length: 400 }, (_, i) => (i * 151 + 7) % 256)),
      '1:1 the file holds binary data, not text → name a pipeline file, which is text in YAML',
    ],
    [
      'lines of an old Mac',
      Buffer.from('a: 1\rb: 2\r'),
      "1:1 the lines end with a carriage return only, as on old Macs → convert it: tr '\\r' '\\n' < a.yml > a.utf8.yml",
    ],
  ])('%s', (_name, bytes, expected) => {
    expect(told(bytes)).toBe(expected);
  });

  it('shows a line of Latin-1 as it was meant', () => {
    const decoded = decodeText(Buffer.from('b: caf\xe9\n', 'latin1'), 'a.yml');
    expect((decoded as { problem: { excerpt: string } }).problem.excerpt).toBe(
      '  1 | b: café\n    |       ^',
    );
  });

  it.each([
    ['UTF-16', withMark, 'name: b\n'],
    ['UTF-16BE', utf16('name: b\n').swap16(), 'name: b\n'],
    ['UTF-32', Buffer.from('fffe00006e0000000a000000', 'hex'), 'n\n'],
    ['Latin-1', Buffer.from('b: caf\xe9\n', 'latin1'), 'b: café\n'],
    ['lines of an old Mac', Buffer.from('a: 1\rb: 2\r'), 'a: 1\nb: 2\n'],
  ])('%s is read after its fix', (_name, bytes, text) => {
    const file = join(folder.path, "it's a.yml");
    writeFileSync(file, bytes);
    const decoded = decodeText(bytes, file) as { problem: { fix: string } };
    execFileSync('sh', ['-c', decoded.problem.fix.split('convert it: ')[1]!]);
    expect(decodeText(readFileSync(join(folder.path, "it's a.utf8.yml")), 'x')).toEqual({ text });
  });
});
