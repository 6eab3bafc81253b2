/**
 * The three binary interfaces of MPI, by which every library in use can be called. MPICH's is also that of Intel
 * MPI, MVAPICH and Cray MPICH; the standard one is new in MPI 5. They differ in what a handle is and in the values
 * of the predefined ones.
 *
 * @source `mpi.h` and `mpi_abi.h` of MPICH 5.0.2; `mpi.h` of Open MPI 5.0.11
 */

/** A number; or the name of a variable of the library whose address it is. */
type Handle = number | bigint | string;

export interface MpiAbi {
  readonly name: 'MPICH' | 'MPI 5' | 'Open MPI';
  /** Names of the shared library, the likeliest first. */
  readonly files: readonly string[];
  /** A handle in C: a 32-bit integer, or a pointer. */
  readonly handle: 'int' | 'pointer';
  readonly commWorld: Handle;
  readonly byte: Handle;
  readonly errorsReturn: Handle;
  /** The address that stands for "no status wanted". */
  readonly statusIgnore: bigint;
}

export const MPICH: MpiAbi = {
  name: 'MPICH',
  files: ['libmpi.so.12', 'libmpich.so.12', 'libmpi_cray.so.12', 'libmpi.12.dylib'],
  handle: 'int',
  commWorld: 0x4400_0000,
  byte: 0x4c00_010d,
  errorsReturn: 0x5400_0001,
  statusIgnore: 1n,
};

export const STANDARD: MpiAbi = {
  name: 'MPI 5',
  files: ['libmpi_abi.so.1', 'libmpi_abi.1.dylib'],
  handle: 'pointer',
  commWorld: 0x101n,
  byte: 0x247n,
  errorsReturn: 0x143n,
  statusIgnore: 0n,
};

export const OPEN_MPI: MpiAbi = {
  name: 'Open MPI',
  files: ['libmpi.so.40', 'libmpi.40.dylib'],
  handle: 'pointer',
  commWorld: 'ompi_mpi_comm_world',
  byte: 'ompi_mpi_byte',
  errorsReturn: 'ompi_mpi_errors_return',
  statusIgnore: 0n,
};

/** @param exports  whether the library has a variable or function of this name */
export function abiOf(path: string, exports: (name: string) => boolean): MpiAbi {
  if (exports(OPEN_MPI.commWorld as string)) return OPEN_MPI;
  // A library of MPICH's own interface has the standard's functions too: its name tells.
  return /libmpi_abi\.[^/]*$/.test(path) ? STANDARD : MPICH;
}
