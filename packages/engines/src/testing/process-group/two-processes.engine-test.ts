/** Two processes that find one another, as a plugin on two hosts would have it done. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { afterEach, expect, it } from 'vitest';

import { installedXlaCpu } from '../test-engines.ts';
import type { MemberTask } from './group-member.ts';
import { KeyValueServer } from './key-value-server.ts';

/** The compiled file: a process of its own has no loader for the sources. */
const MEMBER = join(import.meta.dirname.replace('/src/', '/dist/'), 'group-member.js');

let server: KeyValueServer | undefined;
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await server?.close();
  server = undefined;
});

/** What the process of a rank says when it has done its part. */
async function processOf(rank: number, task: MemberTask, pluginPath = ''): Promise<unknown> {
  const environment = {
    EDDY_HOST_RANK: String(rank),
    EDDY_HOST_COUNT: '2',
    EDDY_COORDINATOR: `127.0.0.1:${server!.port}`,
  };
  const child = fork(MEMBER, [task, pluginPath], {
    execArgv: [],
    env: { ...process.env, ...environment },
  });
  children.push(child);
  const [answer] = (await once(child, 'message')) as [unknown];
  return answer;
}

it('native threads of both put and get through the callbacks', async () => {
  server = await KeyValueServer.listen(0, '127.0.0.1');
  // Rank 1 waits for what rank 0 puts, and the other way round.
  expect(await Promise.all([0, 1].map((rank) => processOf(rank, 'exchange')))).toEqual([
    {
      got: 'from 1',
      missing: 'NOT_FOUND: nobody has put nothing',
      late: 'DEADLINE_EXCEEDED: nobody has put never',
    },
    {
      got: 'from 0',
      missing: 'NOT_FOUND: nobody has put nothing',
      late: 'DEADLINE_EXCEEDED: nobody has put never',
    },
  ]);
});

it('the CPU plugin takes the callbacks and has no use for them: each process is alone', async () => {
  server = await KeyValueServer.listen(0, '127.0.0.1');
  const { pluginPath } = await installedXlaCpu();
  expect(await Promise.all([0, 1].map((rank) => processOf(rank, 'client', pluginPath)))).toEqual([
    { devices: 2, asked: 0 },
    { devices: 2, asked: 0 },
  ]);
});
