/**
 * How an engine's process allocates memory. XLA on the CPU frees and faults its scratch memory anew at
 * every execution, and compiles on all cores, in millions of small allocations. An allocator that keeps
 * pages, in huge ones, takes about a third off a training step; one without a common lock takes more than
 * half off a compilation.
 */

import type { ProcessMemory } from '@eddy/core';

const MIB = 2 ** 20;

/** glibc maps larger buffers on their own, and gives them back when they are freed. */
const MAPPED_BYTES = 1024 * MIB;

/**
 * glibc's, which keeps pages in its main heap only. Without thread caches and fast bins: the scraps that an
 * aligned allocation leaves at its ends would go there, not back to their neighbours, and the freed buffer
 * would be too small for the next one of its size by those few bytes (glibc bug 14581), so that the heap
 * grew with each step. Very large buffers are mapped on their own all the same: a heap of several such
 * holes would be too much.
 */
const GLIBC = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: `${MAPPED_BYTES}`,
  MALLOC_TRIM_THRESHOLD_: '17179869184',
  GLIBC_TUNABLES: [
    'glibc.malloc.hugetlb=1',
    'glibc.malloc.tcache_count=0',
    'glibc.malloc.mxfast=0',
  ].join(':'),
};

/** mimalloc's: what is free goes back to the kernel after 10 s; scratch memory is wanted again sooner. */
const MIMALLOC = { MIMALLOC_PURGE_DELAY: '10000' };

/**
 * Environment variables of the process. glibc's stay set beside a library: the loader goes on without one
 * that it can't load.
 *
 * @param libraryPath  of mimalloc; glibc allocates without it, or where the loader can't be told of the path.
 */
export function allocatorEnvironment(
  libraryPath: string | undefined,
  preloaded = process.env['LD_PRELOAD'] ?? '',
): Record<string, string> {
  if (!canPreload(libraryPath)) return GLIBC;
  // What the user has chosen comes first and wins.
  const libraries = [preloaded, libraryPath].filter((path) => path !== '');
  return { ...GLIBC, ...MIMALLOC, LD_PRELOAD: libraries.join(':') };
}

/**
 * What a process with that environment comes to hold on a CPU, as `npm run bench:cost` saw it. In glibc's heap
 * small allocations cut into the hole that a call's scratch memory leaves, and the next one's no longer fits: up
 * to three were seen. mimalloc has pages of their own for small ones; compiling a step leaves some 400 MiB in the
 * pages of the threads that compile, whatever the step's size.
 */
export function allocatorMemory(libraryPath: string | undefined): ProcessMemory {
  return canPreload(libraryPath)
    ? { scratchBuffers: 1, compilerBytes: 400 * MIB }
    : { scratchBuffers: 3, belowBytes: MAPPED_BYTES };
}

/** The loader's variable is a list with no way to quote its separators. */
function canPreload(libraryPath: string | undefined): libraryPath is string {
  return libraryPath !== undefined && !/[\s:]/.test(libraryPath);
}
