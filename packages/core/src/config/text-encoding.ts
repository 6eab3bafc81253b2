/** Bytes of a file to text: UTF-8, with or without its mark; every other encoding is named, not guessed at. */
import { shellWord } from '@eddy/tensor/errors';
import { excerptOf } from './excerpt.ts';

/** The reason why bytes are not text. Lines and columns count from 1. */
export interface EncodingProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly expected: string;
  readonly fix: string;
  readonly excerpt?: string;
}

export type Decoded = { readonly text: string } | { readonly problem: EncodingProblem };

const EXPECTED = 'text in UTF-8';

/** @param file  as the commands of a fix name it */
export function decodeText(bytes: Uint8Array, file: string): Decoded {
  const format = MAGIC.find(({ starts }) => starts.every((byte, i) => bytes[i] === byte));
  if (format !== undefined) {
    return atStart(
      `this is ${format.name}, not text`,
      'name a pipeline file, which is text in YAML',
    );
  }
  const wide = wideEncoding(bytes);
  if (wide !== undefined) {
    return atStart(`the file is encoded in ${wide}`, convert(wide, file));
  }
  if (binaryShare(bytes) > 0.05) {
    return atStart(
      'the file holds binary data, not text',
      'name a pipeline file, which is text in YAML',
    );
  }
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\ufeff/, '');
  const invalid = invalidUtf8(bytes);
  if (invalid !== undefined) {
    const line = countLines(bytes, invalid);
    const start = bytes.subarray(0, invalid).lastIndexOf(NEWLINE) + 1;
    const end = bytes.indexOf(NEWLINE, invalid);
    // Shown as what it most likely is: a single byte is one character.
    const western = new TextDecoder('windows-1252');
    const shown = western.decode(bytes.subarray(start, end === -1 ? undefined : end));
    const column = invalid - start + 1;
    const character = western.decode(bytes.subarray(invalid, invalid + 1));
    return {
      problem: {
        line,
        column,
        excerpt: excerptOf('\n'.repeat(line - 1) + shown, line, column),
        message: `the file is not in UTF-8: the byte ${hex(bytes[invalid]!)} here is ${JSON.stringify(character)} in Windows-1252 (Latin-1)`,
        expected: EXPECTED,
        fix: convert('WINDOWS-1252', file),
      },
    };
  }
  if (!text.includes('\n') && /\r./.test(text)) {
    const fix = `convert it: tr '\\r' '\\n' < ${shellWord(file)} > ${shellWord(converted(file))}`;
    return atStart('the lines end with a carriage return only, as on old Macs', fix);
  }
  return withoutControls(text);
}

/** YAML allows no control characters but tab and line ends. */
function withoutControls(text: string): Decoded {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  const found = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.exec(text);
  if (found === null) return { text };
  const before = text.slice(0, found.index).split('\n');
  const [line, column] = [before.length, before.at(-1)!.length + 1];
  const code = found[0].charCodeAt(0);
  const name = code === 0 ? 'a NUL character' : `the control character ${hex(code)}`;
  return {
    problem: {
      line,
      column,
      excerpt: excerptOf(text, line, column),
      message: `${name} is here, which a text file cannot contain`,
      expected: EXPECTED,
      fix: `remove this character; inside "…" it is written \\x${code.toString(16).padStart(2, '0')}`,
    },
  };
}

function atStart(message: string, fix: string): Decoded {
  return { problem: { line: 1, column: 1, message, expected: EXPECTED, fix } };
}

function convert(encoding: string, file: string): string {
  const [from, to] = [shellWord(file), shellWord(converted(file))];
  return `save it as UTF-8 in your editor, or convert it: iconv -f ${encoding} -t UTF-8 ${from} > ${to}`;
}

function converted(file: string): string {
  return file.replace(/(\.\w+)?$/, '.utf8$1');
}

/** The encoding of two or four bytes a character, by its mark or by where the zeros of ASCII text lie. */
function wideEncoding(bytes: Uint8Array): string | undefined {
  const starts = (...mark: number[]) => mark.every((byte, i) => bytes[i] === byte);
  if (starts(0xff, 0xfe, 0, 0) || starts(0, 0, 0xfe, 0xff)) return 'UTF-32';
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) return 'UTF-16';
  const head = bytes.subarray(0, 1000);
  const zeros = [0, 0, 0, 0];
  head.forEach((byte, i) => {
    if (byte === 0) zeros[i % 4]!++;
  });
  const quarter = Math.floor(head.length / 4);
  const mostly = zeros.map((count) => quarter > 0 && count >= 0.6 * quarter);
  const pattern = mostly.map((is) => (is ? '0' : 'x')).join('');
  const patterns: Readonly<Record<string, string>> = {
    ...{ x000: 'UTF-32LE', '000x': 'UTF-32BE' },
    ...{ x0x0: 'UTF-16LE', '0x0x': 'UTF-16BE' },
  };
  return patterns[pattern];
}

/** The share of bytes, of the first thousand, that text in UTF-8 or Latin-1 has none of. */
function binaryShare(bytes: Uint8Array): number {
  const head = bytes.subarray(0, 1000);
  if (head.length < 40) return 0;
  const odd = head.filter((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0d].includes(byte));
  return odd.length / head.length;
}

/** The offset of the first byte that is no UTF-8. */
function invalidUtf8(bytes: Uint8Array): number | undefined {
  for (let i = 0; i < bytes.length;) {
    const length = sequenceLength(bytes, i);
    if (length === 0) return i;
    i += length;
  }
  return undefined;
}

/** Bytes of the character at `i` (RFC 3629); 0 where there is none. */
function sequenceLength(bytes: Uint8Array, i: number): number {
  const first = bytes[i]!;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (let k = 1; k < length; k++) if (((bytes[i + k] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[i + 1]!;
  const isOverlong = (first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90);
  const isSurrogate = first === 0xed && second > 0x9f;
  const isBeyond = first === 0xf4 && second > 0x8f;
  return isOverlong || isSurrogate || isBeyond ? 0 : length;
}

const NEWLINE = 0x0a;

function countLines(bytes: Uint8Array, end: number): number {
  let line = 1;
  for (let i = 0; i < end; i++) if (bytes[i] === NEWLINE) line++;
  return line;
}

const hex = (byte: number) => `0x${byte.toString(16).padStart(2, '0')}`;

const MAGIC: readonly { readonly name: string; readonly starts: readonly number[] }[] = [
  { name: 'a zip archive', starts: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'a gzip archive', starts: [0x1f, 0x8b] },
  { name: 'a Zstandard archive', starts: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'a PNG image', starts: [0x89, 0x50, 0x4e, 0x47] },
  { name: 'a PDF document', starts: [0x25, 0x50, 0x44, 0x46] },
  { name: 'an ELF program', starts: [0x7f, 0x45, 0x4c, 0x46] },
];
