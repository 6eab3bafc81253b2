import { describe, expect, it } from 'vitest';

import { devicesSharing, paddedRows, rowsUnit } from './devices.ts';

describe('the devices that share rows', () => {
  it.each([
    [8, { devices: 4 }, 4],
    [6, { devices: 4 }, 3],
    [7, { devices: 4 }, 1],
    [24, { devices: 16, hosts: 2 }, 12],
    [6, { devices: 8, hosts: 2 }, 6],
    [2, { devices: 8, hosts: 2 }, 2],
    [9, { devices: 8, hosts: 2 }, 3], // of the first host
    [1, { devices: 6, hosts: 3 }, 1],
  ])('%i rows on %j: %i', (rows, devices, count) => {
    expect(devicesSharing(rows, devices)).toBe(count);
  });

  it('are all where their number was asked for, and on every host equally many otherwise', () => {
    expect(rowsUnit({ devices: 4 })).toBe(4);
    expect(rowsUnit({ devices: 4, fewerDevices: true })).toBe(1);
    expect(rowsUnit({ devices: 8, hosts: 2 })).toBe(8);
    expect(rowsUnit({ devices: 8, hosts: 2, fewerDevices: true })).toBe(2);
  });

  it('are all where rows may be added that do not count', () => {
    expect(paddedRows(17, { devices: 1 })).toBe(17);
    expect(paddedRows(17, { devices: 4 })).toBe(20);
    expect(paddedRows(16, { devices: 8, hosts: 2 })).toBe(16);
  });
});
