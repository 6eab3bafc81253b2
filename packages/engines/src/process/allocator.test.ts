import { describe, expect, it } from 'vitest';

import { allocatorEnvironment, allocatorMemory } from './allocator.ts';

describe('allocatorEnvironment', () => {
  it('preloads the library, and keeps glibc as it should be where that is not loaded', () => {
    expect(allocatorEnvironment('/cache/libmimalloc.so.3', '')).toMatchObject({
      LD_PRELOAD: '/cache/libmimalloc.so.3',
      MALLOC_ARENA_MAX: '1',
    });
  });

  it("lets the user's own library come first", () => {
    const { LD_PRELOAD } = allocatorEnvironment(
      '/cache/libmimalloc.so.3',
      '/usr/lib/libjemalloc.so',
    );
    expect(LD_PRELOAD).toBe('/usr/lib/libjemalloc.so:/cache/libmimalloc.so.3');
  });

  it('leaves glibc alone at work without a library, or where its path would be read as two', () => {
    expect(allocatorEnvironment(undefined, '')).not.toHaveProperty('LD_PRELOAD');
    expect(allocatorEnvironment('/my cache/libmimalloc.so.3', '')).not.toHaveProperty('LD_PRELOAD');
    expect(allocatorEnvironment('/a:b/libmimalloc.so.3', '')).not.toHaveProperty('LD_PRELOAD');
  });
});

describe('allocatorMemory', () => {
  it('counts one buffer where the library is at work, and three where glibc is', () => {
    expect(allocatorMemory('/cache/libmimalloc.so.3')).toMatchObject({ scratchBuffers: 1 });
    expect(allocatorMemory(undefined)).toMatchObject({ scratchBuffers: 3, belowBytes: 2 ** 30 });
    expect(allocatorMemory('/my cache/libmimalloc.so.3')).toMatchObject({ scratchBuffers: 3 });
  });
});
