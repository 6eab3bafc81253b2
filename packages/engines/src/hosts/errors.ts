/** Errors of runs over several hosts. Alphabetical by code. */
import { EddyError, shellWord } from '@eddy/tensor/errors';

export function coordinatorUnknown(rankVariable: string, received = 'nothing'): EddyError {
  return new EddyError({
    code: 'COORDINATOR_UNKNOWN',
    message: 'this process is one of several, but the address of rank 0 is missing',
    at: rankVariable,
    expected: '`host:port` in EDDY_COORDINATOR',
    received,
    fix: 'give all processes the address of rank 0: `export EDDY_COORDINATOR=HOST:PORT`; or run this process alone: `export EDDY_HOST_COUNT=1`',
    exitCode: 2,
  });
}

export function coordinatorUnusable(facts: { coordinator: string; cause: Error }): EddyError {
  return new EddyError({
    code: 'COORDINATOR_UNUSABLE',
    message: 'rank 0 cannot listen for the other hosts',
    at: facts.coordinator,
    expected: 'a free port of this host',
    received: facts.cause.message,
    fix: 'give all processes a free port: `export EDDY_COORDINATOR=HOST:PORT`',
    cause: facts.cause,
    exitCode: 2,
  });
}

/** @param place  `host 1 (gpu04)` */
export function hostLost(facts: { place: string; received: string; cause?: unknown }): EddyError {
  return new EddyError({
    code: 'HOST_LOST',
    message: 'a host of the run was lost',
    at: facts.place,
    expected: 'a process that runs until the end of the run',
    received: facts.received,
    fix: 'continue from the last checkpoint, on the hosts that remain: `pipeline resume RUN`; the last output of the lost host tells more',
    cause: facts.cause,
  });
}

/** @param variables  of the launcher */
export function hostRankInvalid(
  { rank, size }: { readonly rank: string; readonly size: string },
  environment: Readonly<Record<string, string | undefined>>,
): EddyError {
  return new EddyError({
    code: 'HOST_RANK_INVALID',
    message: 'the rank or the number of processes is invalid',
    at: `${rank} and ${size}`,
    expected: 'whole numbers: a rank of at least 0 and below the number of processes',
    received: `${rank}=${environment[rank]}, ${size}=${environment[size]}`,
    fix: `run this process alone, \`export EDDY_HOST_COUNT=1\`, or give ranks: ${rank}=0 to the first process, 1 to the second …, and ${size}=NUMBER to all`,
    exitCode: 2,
  });
}

export function hostRefused(facts: { coordinator: string; received: string }): EddyError {
  return new EddyError({
    code: 'HOST_REFUSED',
    message: 'the handshake with rank 0 failed',
    at: facts.coordinator,
    expected: 'the same token, version of Eddy and number of hosts, and each rank once',
    received: facts.received,
    fix: 'start all processes with one launcher and one version of Eddy; if they share no cache folder, give all the same secret: `export EDDY_HOST_TOKEN=SECRET`',
    exitCode: 2,
  });
}

export function hostTokenUnusable(facts: { file: string; received: string }): EddyError {
  return new EddyError({
    code: 'HOST_TOKEN_UNUSABLE',
    message: 'the file with the secret of the hosts is not secret',
    at: facts.file,
    expected: 'a file that is not empty and that you alone may read and write (mode 600)',
    received: facts.received,
    fix: `delete it, \`rm ${shellWord(facts.file)}\`, and the next run creates another; or give all processes a secret: \`export EDDY_HOST_TOKEN=SECRET\``,
    exitCode: 2,
  });
}

export function hostWaitInvalid(received: string): EddyError {
  return new EddyError({
    code: 'HOST_WAIT_INVALID',
    message: 'the time that hosts wait for one another is invalid',
    at: 'EDDY_HOST_WAIT',
    expected: 'a number of seconds above 0',
    received,
    fix: 'give a number of seconds, `export EDDY_HOST_WAIT=600`, or unset it: 300 is the default',
    exitCode: 2,
  });
}

/** @param facts  what the host has otherwise than host 0, and what that has */
export function hostsDiffer(facts: {
  place: string;
  expected: string;
  received: string;
}): EddyError {
  return new EddyError({
    code: 'HOSTS_DIFFER',
    message:
      'the hosts would compute different results, so their copies of the weights would diverge',
    at: facts.place,
    expected: `as on host 0: ${facts.expected}`,
    received: facts.received,
    fix: 'use equal hosts (Slurm: --constraint) with the same engine installed; if they differ in cores: `engine.threads=NUMBER`',
    exitCode: 2,
  });
}

export function hostsMissing(facts: {
  coordinator: string;
  size: number;
  missing: readonly number[];
  seconds: number;
}): EddyError {
  return new EddyError({
    code: 'HOSTS_MISSING',
    message: 'not all hosts of the run have connected',
    at: facts.coordinator,
    expected: `${facts.size} hosts within ${facts.seconds} s`,
    received: `nothing of rank ${facts.missing.join(', ')}`,
    fix: `start the other processes and let them reach this address (firewalls), or wait longer: \`export EDDY_HOST_WAIT=${2 * facts.seconds}\`; to run this host alone: \`export EDDY_HOST_COUNT=1\``,
  });
}

export function hostsUnsupported(what: string): EddyError {
  return new EddyError({
    code: 'HOSTS_UNSUPPORTED',
    message: `${what} does not work over several hosts`,
    at: 'the launcher (Slurm, MPI, EDDY_HOST_COUNT)',
    expected: 'one process, or `pipeline run` with engine xla-cpu or xla-cuda',
    received: 'one of several processes',
    fix: 'start it without the launcher, or run this process alone: `export EDDY_HOST_COUNT=1`',
    exitCode: 2,
  });
}
