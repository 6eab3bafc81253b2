/** Amounts of memory as people write them. */
import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
const BYTE_SIZE = /^(\d+(?:\.\d+)?) ?([KMGT]i?B|B)$/;

/** `12GiB`, `800 MB`, `1.5TiB`. */
export const byteSize = z.string().regex(BYTE_SIZE, 'expected a number with a unit, as in 12GiB');

/** Bytes of what `byteSize` accepts. */
export function parseByteSize(text: string): number {
  const [, value, unit] = BYTE_SIZE.exec(text)!;
  return Math.floor(Number(value) * UNITS[unit!]!);
}

/** 1536 → 1.5 KiB */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let scale = 0;
  let rest = bytes;
  while (rest >= 1024 && scale < units.length - 1) {
    rest /= 1024;
    scale++;
  }
  return `${scale === 0 ? rest : rest.toFixed(rest < 10 ? 1 : 0)} ${units[scale]}`;
}
