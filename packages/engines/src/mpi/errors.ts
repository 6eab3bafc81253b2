/** Errors of runs over several ranks. Alphabetical by code. */
import { EddyError } from '@eddy/tensor/errors';

/** @param place  `rank 1 (gpu04)` */
export function hostLost(facts: { place: string; received: string; cause?: unknown }): EddyError {
  return new EddyError({
    code: 'HOST_LOST',
    message: 'a process that took part in the run is gone, or cannot be reached any more',
    at: facts.place,
    expected: 'a sign of life from each rank until the end of the run',
    received: facts.received,
    fix: 'go on from the last checkpoint, on as many hosts as there are now: `pipeline resume RUN`; what the lost rank last said tells more',
    cause: facts.cause,
  });
}

/** @param facts  what the rank has otherwise than rank 0, and what that has */
export function hostsDiffer(facts: {
  place: string;
  expected: string;
  received: string;
}): EddyError {
  return new EddyError({
    code: 'HOSTS_DIFFER',
    message: 'the ranks would not compute the same: their copies of the weights would drift apart',
    at: facts.place,
    expected: `as on rank 0: ${facts.expected}`,
    received: facts.received,
    fix: 'take equal hosts (Slurm: --constraint) with the same engine installed; where they differ in cores: `engine.threads=NUMBER`',
    exitCode: 2,
  });
}

export function hostsUnsupported(what: string): EddyError {
  return new EddyError({
    code: 'HOSTS_UNSUPPORTED',
    message: `${what} does not work over several ranks`,
    at: 'the launcher (mpirun, srun)',
    expected: 'one process, or `pipeline run` with engine xla-cpu or xla-cuda',
    received: 'one of several processes',
    fix: 'start it without the launcher, or let it run alone: `export EDDY_MPI=off`',
    exitCode: 2,
  });
}

/** @param facts  the number of processes that the launcher's variable says, and that of the group that MPI joined */
export function mpiMismatch(facts: {
  variable: string;
  launched: number;
  joined: number;
}): EddyError {
  return new EddyError({
    code: 'MPI_MISMATCH',
    message:
      'the MPI library does not belong to the launcher: it joined another group of processes',
    at: facts.variable,
    expected: `${facts.launched} ranks`,
    received: `${facts.joined}`,
    fix: "name the launcher's own library, `export EDDY_MPI=/path/to/libmpi.so.40`, or take the launcher of this one; with Slurm `srun --mpi=pmix` (Open MPI) or `srun --mpi=pmi2` (MPICH); for this process alone: `export EDDY_MPI=off`",
    exitCode: 2,
  });
}

/** @param tried  libraries, each with what the loader said */
export function mpiNotFound(facts: { tried: readonly string[] }): EddyError {
  return new EddyError({
    code: 'MPI_NOT_FOUND',
    message:
      'a launcher started this process as one of several, and its MPI library could not be loaded',
    at: 'EDDY_MPI',
    expected: 'the shared library of MPICH, Open MPI or another MPI, 64-bit',
    received: facts.tried.join('\n            '),
    fix: 'name it: `export EDDY_MPI=/path/to/libmpi.so.12`; or let this process run alone: `export EDDY_MPI=off`',
    exitCode: 2,
  });
}
