import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

interface Folder {
  readonly path: string;
}

/** A folder of its own for each test of a file or `describe`, removed after it. To be called before their own hooks. */
export function freshFolder(): Folder {
  return madeBy(beforeEach, afterEach);
}

/** A folder for all tests of a file or `describe`, removed after the last. To be called before their own hooks. */
export function sharedFolder(): Folder {
  return madeBy(beforeAll, afterAll);
}

function madeBy(
  before: typeof beforeEach | typeof beforeAll,
  after: typeof afterEach | typeof afterAll,
): Folder {
  const folder = { path: '' };
  before(async () => {
    folder.path = await mkdtemp(join(tmpdir(), 'eddy-test-'));
  });
  after(() => rm(folder.path, { recursive: true, force: true }));
  return folder;
}
