import { request } from 'node:http';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { acquireRunLock } from '@eddy/core/files';

import type { LiveMessage } from '../api/live.ts';
import type { RunsView } from '../api/runs.ts';
import { MadeRun } from '../testing/made-run.ts';
import { startTestUi, type TestUi } from '../testing/test-ui.ts';

let place: TestUi;
let run: MadeRun;
let id: string;

beforeAll(async () => {
  place = await startTestUi((runs) => {
    run = new MadeRun(join(runs, 'one')).steps(1, 5);
  });
  await acquireRunLock(join(run.path, 'lock'));
  id = (JSON.parse((await place.get('/api/runs')).text) as RunsView).rows[0]!.id;
  await place.get(`/api/runs/${id}`);
});
afterAll(() => place.end());

/** A stream that is read, and waits for a message. */
function listen(topics: readonly string[]) {
  const messages: LiveMessage[] = [];
  const waiting = new Set<() => void>();
  const query = topics.map((topic) => `topic=${topic}`).join('&');
  const headers = { authorization: `Bearer ${place.ui.token}` };
  const sent = request({
    host: '127.0.0.1',
    port: place.ui.port,
    path: `/api/live?${query}`,
    headers,
  });
  sent.on('error', () => undefined);
  sent.on('response', (response) => {
    let rest = '';
    response.on('error', () => undefined);
    response.setEncoding('utf8').on('data', (part: string) => {
      const lines = (rest + part).split('\n');
      rest = lines.pop()!;
      messages.push(...lines.filter(Boolean).map((line) => JSON.parse(line) as LiveMessage));
      waiting.forEach((look) => look());
    });
  });
  sent.end();
  return {
    messages,
    close: () => sent.destroy(),
    until: (fits: (message: LiveMessage) => boolean) =>
      new Promise<LiveMessage>((resolve) => {
        const look = () => {
          const found = messages.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

it('tells of new steps and events within a second, with the head', async () => {
  const stream = listen([`run/${id}`]);
  await stream.until(({ type }) => type === 'reload');
  const before = performance.now();
  run.steps(6, 8).evaluation(8, 0.25);
  const message = await stream.until(({ type }) => type === 'run');
  expect(performance.now() - before).toBeLessThan(1000);
  expect(message).toMatchObject({
    topic: `run/${id}`,
    head: { status: 'running', step: 8 },
    events: ['evaluation-finished'],
    steps: [{ set: 'train', steps: [6, 7, 8] }],
  });
  stream.close();
});

it('tells of changed rows and new runs', async () => {
  const stream = listen(['runs']);
  await stream.until(({ type }) => type === 'reload');
  run.steps(9, 9);
  const message = await stream.until(({ type }) => type === 'rows');
  expect(message).toMatchObject({ rows: [{ id, step: 9 }] });
  const before = stream.messages.length;
  new MadeRun(join(place.folder, 'runs', 'two'));
  await stream.until((one) => stream.messages.indexOf(one) >= before && one.type === 'reload');
  stream.close();
});

it('says that a history was rewritten', async () => {
  const stream = listen([`run/${id}`]);
  await stream.until(({ type }) => type === 'reload');
  const before = stream.messages.length;
  run.cutTo(4);
  await stream.until((one) => stream.messages.indexOf(one) >= before && one.type === 'reload');
  stream.close();
});

it.each(['', 'topic=', 'topic=run/nothing', 'topic=x', Array(20).fill('topic=runs/1').join('&')])(
  'refuses %s',
  async (query) => {
    expect([400, 404]).toContain((await place.get(`/api/live?${query}`)).status);
  },
);
