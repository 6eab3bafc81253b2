/** How many devices share the rows of a batch. */
import type { EngineInfo } from '../contracts/engine.ts';

export type Devices = Pick<EngineInfo, 'devices' | 'hosts' | 'fewerDevices'>;

/**
 * As many as can have equally many rows, and of each host equally many; where the hosts cannot share them, of
 * the first alone.
 */
export function devicesSharing(rows: number, { devices, hosts = 1 }: Devices): number {
  for (let count = devices; count >= hosts; count -= hosts) if (rows % count === 0) return count;
  return devicesSharing(rows, { devices: devices / hosts });
}

/** The rows of a training's batch are a multiple of this; the rest is for the user to change. */
export function rowsUnit({ devices, hosts = 1, fewerDevices = false }: Devices): number {
  return fewerDevices ? hosts : devices;
}

/** Rows for a batch that may have some that don't count: so many or a few more, for all devices. */
export function paddedRows(rows: number, { devices }: Devices): number {
  return Math.ceil(rows / devices) * devices;
}
