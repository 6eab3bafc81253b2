/** Commands under a real launcher, on the ranks of this machine. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { startProgram, type Talker } from '../faults/processes.ts';

export const PIPELINE = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');

/** Inherited by all that a process starts. */
const MARK = 'EDDY_TEST_GROUP';

export interface Mpi {
  readonly name: string;
  /** Where it is installed; undefined where it is not. */
  readonly prefix: string | undefined;
  readonly options: readonly string[];
  readonly rankVariable: string;
}

export const MPICH: Mpi = {
  name: 'MPICH',
  prefix: process.env['EDDY_MPICH'],
  options: [],
  rankVariable: 'PMI_RANK',
};

export const OPEN_MPI: Mpi = {
  name: 'Open MPI',
  prefix: process.env['EDDY_OPEN_MPI'],
  options: ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none'],
  rankVariable: 'OMPI_COMM_WORLD_RANK',
};

export interface Ranks extends Talker {
  /** The process of a rank, when it has started. */
  pid(rank: number): Promise<number>;
  /** Processes of the group that are still there, when they had some time to go. */
  orphans(): Promise<number[]>;
  end(): void;
}

const started: Ranks[] = [];

/** Ends all that a test has left. */
export function endAll(): void {
  for (const ranks of started.splice(0)) ranks.end();
}

export function mpirun(
  mpi: Mpi,
  ranks: number,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Ranks {
  return mpirunScript(mpi, ranks, [PIPELINE, ...args], environment);
}

export function mpirunScript(
  { prefix, options, rankVariable }: Mpi,
  ranks: number,
  script: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Ranks {
  const mark = randomUUID();
  const program = join(prefix!, 'bin', 'mpirun');
  const all = [...options, '-n', String(ranks), process.execPath, ...script];
  const env = { ...process.env, [MARK]: mark, ...environment };
  const talker = startProgram(program, all, { env });
  const ownPids = () => groupOf(mark);
  const group: Ranks = {
    ...talker,
    pid: async (rank) => {
      for (;;) {
        const pid = ownPids().find(
          (each) =>
            readOf(each, 'environ').includes(`\0${rankVariable}=${rank}\0`) &&
            readOf(each, 'cmdline').startsWith(`${process.execPath}\0${script[0]}\0`),
        );
        if (pid !== undefined) return pid;
        await delay(20);
      }
    },
    orphans: async () => {
      let left = ownPids();
      for (let i = 0; i < 100 && left.length > 0; i++) {
        await delay(50);
        left = ownPids();
      }
      return left;
    },
    end: () => {
      for (const pid of ownPids()) kill(pid);
    },
  };
  started.push(group);
  return group;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone by itself.
  }
}

function groupOf(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => readOf(pid, 'environ').includes(`${MARK}=${mark}\0`));
}

/** Of a process of another user, or one that is gone: nothing. */
function readOf(pid: number, file: 'environ' | 'cmdline'): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/${file}`, 'utf8')}`.slice(file === 'cmdline' ? 1 : 0);
  } catch {
    return '';
  }
}
