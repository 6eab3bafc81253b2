/** Every case of the fixture folder, on every engine that its handler names. */
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { readdirSync } from 'node:fs';
import path from 'node:path';

import { setBackend } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, test } from 'vitest';

import { NotYet, type CaseHandler } from './case-handler.ts';
import { disposeEngines, whyAbsent } from './engine-for.ts';
import { Fixture, fixtureFolder, listCases } from './fixture.ts';

const handlers = await loadHandlers();
const folder = fixtureFolder();

beforeAll(async () => {
  await setBackend('cpu');
});
afterAll(disposeEngines);

for (const name of listCases(folder)) {
  const handler = handlers.find((candidate) => candidate.matches(name));
  for (const engine of handler?.engines ?? [undefined]) {
    test(engine === undefined ? name : `${name} [${engine}]`, async (context) => {
      if (handler === undefined) context.skip('not yet (no handler)');
      const absence = await whyAbsent(engine ?? 'oracle');
      if (absence !== null) context.skip(absence);
      try {
        await handler!.run(new Fixture(folder, name), engine ?? 'oracle');
      } catch (error) {
        if (error instanceof NotYet) context.skip(`not yet (${error.message})`);
        throw error;
      }
    });
  }
}

async function loadHandlers(): Promise<CaseHandler[]> {
  const cases = path.join(import.meta.dirname, 'cases');
  const files = readdirSync(cases).filter((file) => file.endsWith('.ts'));
  const modules = await Promise.all(
    files.map((file) => import(path.join(cases, file)) as Promise<{ handler?: CaseHandler }>),
  );
  return modules.flatMap((module) => (module.handler === undefined ? [] : [module.handler]));
}
