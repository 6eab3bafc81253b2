/** A machine without a network: a run asks nobody for anything. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { expect, it, type TestContext } from 'vitest';

import { tinyRuns } from './tiny-runs.ts';

const { at, shell, expectDone } = tinyRuns();

/** Within `unshare -n` there is no interface but the loopback one. */
const ALONE = `ip link set lo up && exec`;

function missing(): string | undefined {
  const works = (program: string, ...args: readonly string[]) => {
    try {
      execFileSync(program, args, { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  if (!works('unshare', '-n', 'true')) return 'no network namespace can be made here';
  if (!works('strace', '-V')) return 'has no strace';
  return works('ip', '-V') ? undefined : 'has no iproute2';
}

/** Calls of connect in a record of strace that lead out of the machine. */
function leavesIn(record: string): string[] {
  const calls = readFileSync(record, 'utf8')
    .split('\n')
    .filter((line) => line.includes('connect(') && line.includes('sa_family='));
  const stays = /sa_family=AF_(UNIX|LOCAL|NETLINK)|inet_addr\("127\.|"::1"/;
  return calls.filter((line) => !stays.test(line));
}

const traced = (record: string, command: string) =>
  `unshare -n sh -c "${ALONE} strace -f -qq -e trace=connect -o ${record} ${command}"`;

it('runs the tiny recipe to its end and connects to nothing', async (context: TestContext) => {
  const reason = missing();
  if (reason !== undefined) return context.skip(reason);
  const { ended, errors } = shell(traced(at('run.strace'), 'RUN'), 'alone');
  expect(await ended, errors()).toBe(0);
  expectDone('alone');
  expect(leavesIn(at('run.strace'))).toEqual([]);
});

it('would notice a connection', async (context: TestContext) => {
  const reason = missing();
  if (reason !== undefined) return context.skip(reason);
  const call = `require('net').connect(80,'192.0.2.1').on('error',()=>0)`;
  const command = traced(at('call.strace'), `${process.execPath} -e \\"${call}\\"`);
  expect(await shell(command, 'no run').ended).toBe(0);
  expect(leavesIn(at('call.strace'))).toHaveLength(1);
});
