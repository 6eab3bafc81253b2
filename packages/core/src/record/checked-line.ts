/** Lines of a journal with a checksum each: a line with a flipped digit is still JSON. */
import { crc32 } from 'node:zlib';

const CHECK = /,"check":"([0-9a-f]{8})"\}$/;

/** Returns the line of a JSON object; its last field, `check`, is the CRC-32 of the object without it. */
export function checkedLine(json: string): string {
  return `${json.slice(0, -1)},"check":"${sumOf(json)}"}`;
}

/** Returns the object of a line as it was before it got its `check`, and whether it is still the same. */
export function uncheckedLine(line: string): {
  readonly json: string;
  /** `none` for a line without one, as earlier versions and other programs write them. */
  readonly check: 'same' | 'differs' | 'none';
} {
  const match = CHECK.exec(line);
  if (match === null) return { json: line, check: 'none' };
  const json = `${line.slice(0, match.index)}}`;
  return { json, check: sumOf(json) === match[1] ? 'same' : 'differs' };
}

function sumOf(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
