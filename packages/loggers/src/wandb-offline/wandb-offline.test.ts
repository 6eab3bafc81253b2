import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { exampleRun } from '@eddy/core/testing';
import { from } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { createWandbOfflineLogger } from './wandb-offline-logger.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-wandb-offline-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The id that W&B reads from the names of the folder and the file. */
async function idOf(runId: string): Promise<string> {
  const events = exampleRun(folder).map((event) =>
    event.type === 'run-started' ? { ...event, run: { ...event.run, id: runId } } : event,
  );
  await createWandbOfflineLogger({ project: 'p' }, folder).attach(from(events));
  const wandb = join(folder, 'wandb');
  const [name] = readdirSync(wandb);
  const id = /^offline-run-\d{8}_\d{6}-(.*)$/.exec(name!)![1]!;
  expect(readdirSync(join(wandb, name!))).toEqual([`run-${id}.wandb`]);
  rmSync(wandb, { recursive: true });
  return id;
}

it('has an id for every run, the same one again, and another for another run', async () => {
  const plain = '0f2c9a34-1111-4222-8333-444455556666';
  expect(await idOf(plain)).toBe(plain);
  const russian = await idOf('прогон');
  expect(russian).toMatch(/^[0-9a-f]{12}$/);
  expect(await idOf('прогон')).toBe(russian);
  expect(await idOf('забег')).not.toBe(russian);
  expect(await idOf('große Läufe')).toMatch(/^groeLufe-[0-9a-f]{12}$/);
  expect(await idOf('x'.repeat(200))).toHaveLength(61);
});
