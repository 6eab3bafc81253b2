import { expect, it } from 'vitest';

import { traitDifference } from './host-traits.ts';

const first = {
  plugin: 'xla-cpu-pjrt 0.0.1',
  'XLA flags': '--a=1',
  'instruction sets': ['amx_bf16', 'avx2', 'avx512f'],
  threads: '2',
};

it('equal hosts do not differ', () => {
  expect(traitDifference(first, { ...first })).toBeUndefined();
});

it('says what differs and nothing else', () => {
  expect(traitDifference(first, { ...first, threads: '1', 'XLA flags': '' })).toEqual({
    expected: 'XLA flags: --a=1; threads: 2',
    received: 'XLA flags: none; threads: 1',
  });
});

it('of lists says what the other side lacks', () => {
  expect(traitDifference(first, { ...first, 'instruction sets': ['avx2', 'sse'] })).toEqual({
    expected: 'instruction sets: amx_bf16 avx512f',
    received: 'instruction sets: sse',
  });
  expect(traitDifference(first, { ...first, 'instruction sets': ['avx2'] })!.received).toBe(
    'instruction sets: not these',
  );
});

it('what only one of them has is a difference', () => {
  const { threads: _threads, ...gpu } = first;
  expect(traitDifference(first, gpu)).toEqual({
    expected: 'threads: 2',
    received: 'threads: none',
  });
});
