/** The same command in two processes, as a launcher starts it on two hosts. */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { start, type Talker } from './processes.ts';
import { freePort } from '../free-port.ts';

export const PIPELINE = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');

/** Inherited by all that a process starts. */
const MARK = 'EDDY_TEST_GROUP';

export interface TwoHosts {
  readonly first: Talker;
  readonly second: Talker;
  readonly coordinator: string;
  /** Processes of the group that are still there, when they had some time to go. */
  orphans(): Promise<number[]>;
  end(): void;
}

type Environment = Readonly<Record<string, string>>;

export async function startOnTwo(
  args: readonly string[],
  environments: readonly [Environment, Environment] = [{}, {}],
): Promise<TwoHosts> {
  const coordinator = `127.0.0.1:${await freePort()}`;
  const mark = randomUUID();
  const [first, second] = environments.map((environment, rank) =>
    start(PIPELINE, args, {
      env: {
        ...process.env,
        EDDY_HOST_RANK: String(rank),
        EDDY_HOST_COUNT: '2',
        EDDY_COORDINATOR: coordinator,
        [MARK]: mark,
        ...environment,
      },
    }),
  );
  return {
    first: first!,
    second: second!,
    coordinator,
    orphans: async () => {
      let left = groupOf(mark);
      for (let i = 0; i < 40 && left.length > 0; i++) {
        await delay(50);
        left = groupOf(mark);
      }
      return left;
    },
    end: () => {
      for (const { child } of [first!, second!]) child.kill('SIGKILL');
    },
  };
}

/** The engine's process of a host. */
export function engineOf(host: Talker): number {
  const { pid } = host.child;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}

export async function isGone(pid: number): Promise<boolean> {
  for (let i = 0; i < 100 && existsSync(`/proc/${pid}`); i++) await delay(50);
  return !existsSync(`/proc/${pid}`);
}

function groupOf(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(`${MARK}=${mark}\0`))
    .map(Number);
}

/** Of a process of another user, or one that is gone: nothing. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}
