import { expect, it } from 'vitest';

import { textAt } from './native-memory.ts';
import { encodeNamedValues, textsAt } from './named-values.ts';

it('lays each option out as the C header does', () => {
  const encoded = encodeNamedValues({
    allocator: 'bfc',
    memory_fraction: 0.5,
    preallocate: true,
    node_id: 3n,
  });
  expect(encoded.count).toBe(4n);
  const bytes = encoded.owned[0]!;
  expect(bytes.length).toBe(4 * 56);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows = [0, 56, 112, 168].map((at) => ({
    size: view.getBigUint64(at, true),
    name: textAt(view.getBigUint64(at + 16, true), view.getBigUint64(at + 24, true)),
    type: view.getInt32(at + 32, true),
    valueSize: view.getBigUint64(at + 48, true),
  }));
  expect(rows).toEqual([
    { size: 56n, name: 'allocator', type: 0, valueSize: 3n },
    { size: 56n, name: 'memory_fraction', type: 3, valueSize: 1n },
    { size: 56n, name: 'preallocate', type: 4, valueSize: 1n },
    { size: 56n, name: 'node_id', type: 1, valueSize: 1n },
  ]);
  expect(textAt(view.getBigUint64(40, true), 3n)).toBe('bfc');
  expect(view.getFloat32(56 + 40, true)).toBe(0.5);
  expect(view.getUint8(112 + 40)).toBe(1);
  expect(view.getBigInt64(168 + 40, true)).toBe(3n);
});

it('has no address where there are no options', () => {
  expect(encodeNamedValues({})).toMatchObject({ address: 0n, count: 0n });
});

it('reads the texts among the values of a plugin', () => {
  const { address, count, owned } = encodeNamedValues({
    core_count: 132n,
    device_vendor: 'NVIDIA',
    compute_capability: '9.0',
    empty: '',
  });
  expect(textsAt(address, count)).toEqual({
    device_vendor: 'NVIDIA',
    compute_capability: '9.0',
    empty: '',
  });
  expect(owned[0]!.length).toBe(4 * 56); // alive until here
  expect(textsAt(0n, 0n)).toEqual({});
});
