/** Whether a launcher (mpirun, mpiexec, srun) started this process as one of several. */

type Environment = Readonly<Record<string, string | undefined>>;

export interface Launch {
  readonly rank: number;
  readonly size: number;
  /** The variables that say so. */
  readonly variables: { readonly rank: string; readonly size: string };
}

/** Names of the variables that say rank and number of processes. */
const LAUNCHERS = [
  { rank: 'OMPI_COMM_WORLD_RANK', size: 'OMPI_COMM_WORLD_SIZE' },
  { rank: 'PMI_RANK', size: 'PMI_SIZE' },
  // Of a step: in a batch script SLURM_NTASKS speaks of tasks that nobody has started.
  { rank: 'SLURM_PROCID', size: 'SLURM_STEP_NUM_TASKS' },
] as const;

/** `EDDY_MPI=off`: this process is alone, whatever the launcher says. */
const OFF = 'off';

/** Returns rank and size as the launcher gives them; null if this process runs alone. */
export function launchOf(environment: Environment): Launch | null {
  if (environment['EDDY_MPI'] === OFF) return null;
  const variables = LAUNCHERS.find(({ rank, size }) => environment[rank] && environment[size]);
  if (variables === undefined) return null;
  const size = Number(environment[variables.size]);
  const rank = Number(environment[variables.rank]);
  return size > 1 ? { rank, size, variables } : null;
}

/** Other programs that this process starts are none of the group. */
export function leaveEnvironment(environment: NodeJS.ProcessEnv): void {
  environment['EDDY_MPI'] = OFF;
}
