import { paddedRows, type Devices } from '../engine/devices.ts';

/**
 * Rows of one call of an evaluation: as many as were asked for, or as a call in training has where there are so
 * many; then up to what all devices can share.
 */
export function evaluationBatchSize(
  rows: {
    readonly asked: number | undefined;
    readonly inTraining: number;
    readonly examples: number;
  },
  devices: Devices,
): number {
  return paddedRows(rows.asked ?? Math.min(rows.inTraining, rows.examples), devices);
}
