/** A run that ended, made once for the tests of a file and copied for each of them. */
import { cp } from 'node:fs/promises';

import { afterAll, beforeAll, expect } from 'vitest';

import { Place } from './place.ts';
import { tiny } from './tiny.ts';

/** Trains what `tiny` describes; the result puts the run and its file into a place. */
export function trained(
  changes: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
) {
  let home: Place;
  beforeAll(async () => {
    home = await Place.make();
    await home.write('p.yml', tiny(changes));
    for (const [name, text] of Object.entries(files)) await home.write(name, text);
    const { exitCode, output } = await home.pipeline(['run', 'p.yml', '--run-dir', 'runs/r']);
    expect(exitCode, output).toBe(0);
  }, 120_000);
  afterAll(() => home.remove());
  /** Copies `p.yml` and the other files, `runs/r` and the cache. */
  return async (place: Place): Promise<void> => {
    for (const name of ['p.yml', 'runs', 'cache', ...Object.keys(files)])
      await cp(home.at(name), place.at(name), { recursive: true });
  };
}
