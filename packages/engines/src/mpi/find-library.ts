/** The MPI library of the launcher that started this process. */
import { existsSync, readlinkSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { MPICH, OPEN_MPI, STANDARD, type MpiAbi } from './abi.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A path or, for the loader's own search, a name; the likeliest first. */
export function libraryCandidates(
  environment: Environment,
  launcher = parentProgram(),
): readonly string[] {
  const given = environment['EDDY_MPI'];
  if (given !== undefined && given !== '') return [given];
  const names = likelyAbis(environment).flatMap(({ files }) => files);
  const present = libraryFolders(environment, launcher).flatMap((folder) =>
    names.map((name) => join(folder, name)).filter((path) => existsSync(path)),
  );
  return [...new Set(present), ...names];
}

/** Slurm's pmix serves every library; PMI is of MPICH's family. */
function likelyAbis(environment: Environment): readonly MpiAbi[] {
  const isOpenMpi = environment['OMPI_COMM_WORLD_SIZE'] !== undefined;
  const isMpich = environment['PMI_SIZE'] !== undefined || environment['PMI_RANK'] !== undefined;
  if (isOpenMpi) return [OPEN_MPI, STANDARD];
  return isMpich ? [MPICH, STANDARD] : [OPEN_MPI, MPICH, STANDARD];
}

/** Beside the launcher's own program, beside those of the PATH, and where the loader is told to look. */
function libraryFolders(environment: Environment, launcher: string | undefined): string[] {
  const onPath = (environment['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => ['mpiexec', 'mpirun'].map((name) => join(folder, name)))
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path));
  const prefixes = [environment['OPAL_PREFIX'], ...[launcher, ...onPath].map(prefixOf)];
  return [
    ...prefixes.flatMap((prefix) =>
      prefix === undefined ? [] : ['lib', 'lib64'].map((folder) => join(prefix, folder)),
    ),
    ...(environment['LD_LIBRARY_PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
  ];
}

/** `/opt/mpi/bin/mpiexec` → `/opt/mpi` */
function prefixOf(program: string | undefined): string | undefined {
  return program === undefined ? undefined : dirname(dirname(program));
}

/** mpiexec's proxy on this host, or Slurm's. */
function parentProgram(): string | undefined {
  try {
    return readlinkSync(`/proc/${process.ppid}/exe`);
  } catch {
    return undefined;
  }
}
