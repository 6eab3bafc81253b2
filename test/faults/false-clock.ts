/** A wrong wall clock for child processes: libfaketime answers in place of the system. */
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The library of the distribution's package `faketime`; undefined where it is not installed. */
export const faketime = ['/usr/lib', '/usr/local/lib']
  .filter((root) => existsSync(root))
  .flatMap((root) => [root, ...readdirSync(root).map((name) => join(root, name))])
  .map((folder) => join(folder, 'faketime/libfaketimeMT.so.1'))
  .find((path) => existsSync(path));

/** How a clock is wrong: seconds ahead of the right one when a process reads it first, and how many times as fast. */
export interface ClockError {
  readonly aheadS: number;
  readonly rate: number;
}

export interface FalseClock {
  /** Variables of a process that shall have this clock; its children inherit them. */
  readonly env: Readonly<Record<string, string>>;
  /** Processes that run have the new error with the next look at their clock: it jumps. */
  set(error: ClockError): void;
}

/**
 * Makes a clock whose error stands in a file, which processes read again at each look. The monotonic clock and the
 * times of files stay right, as they do where a wall clock is set.
 */
export function falseClock(path: string, library: string): FalseClock {
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: path,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1', // its name in older versions
      NO_FAKE_STAT: '1',
    },
    set: ({ aheadS, rate }) => {
      const sign = aheadS < 0 ? '-' : '+';
      writeFileSync(`${path}.new`, `${sign}${Math.abs(aheadS)} x${rate}\n`);
      renameSync(`${path}.new`, path);
    },
  };
}
