/** Which of several equal processes this one is, told by what started them. */
import { coordinatorAddress } from './coordinator-address.ts';
import { coordinatorUnknown, hostRankInvalid, hostWaitInvalid } from './errors.ts';

export interface HostGroup {
  /** 0 … size − 1. */
  readonly rank: number;
  readonly size: number;
  /** `host:port` where the process of rank 0 answers. */
  readonly coordinator: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Names of the variables that say rank and number of processes: ours, Slurm, Open MPI, MPICH and Intel MPI. */
const LAUNCHERS = [
  { rank: 'EDDY_HOST_RANK', size: 'EDDY_HOST_COUNT' },
  // Of a step: in a batch script SLURM_NTASKS speaks of tasks that nobody has started.
  { rank: 'SLURM_PROCID', size: 'SLURM_STEP_NUM_TASKS' },
  { rank: 'OMPI_COMM_WORLD_RANK', size: 'OMPI_COMM_WORLD_SIZE' },
  { rank: 'PMI_RANK', size: 'PMI_SIZE' },
] as const;

/** Ports from here on are given by the number of the Slurm job, so that two jobs on a host don't meet. */
const FIRST_PORT = 61_440;
const PORTS = 4096;

/**
 * The group that the launcher started this process in; null where it is alone.
 *
 * EDDY_COORDINATOR (`host:port`) says where rank 0 is; under Slurm it is the first host of the step.
 * EDDY_HOST_COUNT=1 is alone whatever the launcher says.
 *
 * @throws COORDINATOR_UNKNOWN, HOST_RANK_INVALID
 */
export function launchedGroup(environment: Environment): HostGroup | null {
  if (environment['EDDY_HOST_COUNT'] === '1') return null;
  const launcher = LAUNCHERS.find(({ rank, size }) => environment[rank] && environment[size]);
  if (launcher === undefined) return null;
  const rank = Number(environment[launcher.rank]);
  const size = Number(environment[launcher.size]);
  if (size === 1) return null;
  if (!(Number.isInteger(size) && Number.isInteger(rank) && rank >= 0 && rank < size)) {
    throw hostRankInvalid(launcher, environment);
  }
  const coordinator = environment['EDDY_COORDINATOR'] ?? slurmCoordinator(environment);
  if (coordinator === undefined || coordinatorAddress(coordinator) === undefined) {
    throw coordinatorUnknown(launcher.rank, coordinator);
  }
  return { rank, size, coordinator };
}

/** A job's hosts start together, give or take a slow file system. */
const WAIT_SECONDS = '300';
/** Some 25 days: a timer that is set to more goes off at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * How long the hosts wait for one another: EDDY_HOST_WAIT, in seconds.
 *
 * @throws HOST_WAIT_INVALID
 */
export function hostWaitMs(environment: Environment): number {
  const given = environment['EDDY_HOST_WAIT'] ?? WAIT_SECONDS;
  const seconds = Number(given);
  if (!(seconds > 0 && Number.isFinite(seconds))) throw hostWaitInvalid(given);
  return Math.min(seconds * 1000, MAX_TIMER_MS);
}

function slurmCoordinator(environment: Environment): string | undefined {
  const hosts = environment['SLURM_STEP_NODELIST'] ?? environment['SLURM_JOB_NODELIST'];
  const job = environment['SLURM_JOB_ID'];
  if (hosts === undefined || job === undefined) return undefined;
  return `${firstHost(hosts)}:${FIRST_PORT + (Number(job) % PORTS)}`;
}

/** `gpu[03-05,9],login` → `gpu03`. */
function firstHost(list: string): string {
  const [, prefix, first = '', rest = ''] = /^([^,[]*)(?:\[([^\],-]+)[^\]]*\]([^,]*))?/.exec(list)!;
  return `${prefix}${first}${rest}`;
}
