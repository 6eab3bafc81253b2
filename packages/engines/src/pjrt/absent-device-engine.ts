import { deviceAbsent, type EngineInfo, type MemoryStats } from '@eddy/core';

import type { HostedDeviceTree } from '../process/device-tree.ts';
import type { EngineProcess } from '../process/engine-process.ts';
import { HostedEngine, type Prepare } from '../process/hosted-engine.ts';

/** Compiles for a device that is not here, which is enough to plan for it. */
export class AbsentDeviceEngine extends HostedEngine {
  readonly #limitBytes: number;

  /** @param limitBytes  what the engine might take of the device's memory. */
  constructor(process: EngineProcess, info: EngineInfo, prepare: Prepare, limitBytes: number) {
    super(process, { ...info, isAbsent: true }, prepare);
    this.#limitBytes = limitBytes;
  }

  /** @throws DEVICE_ABSENT */
  override upload(): Promise<HostedDeviceTree> {
    return Promise.reject(deviceAbsent(this.info));
  }

  override memory(): Promise<MemoryStats> {
    return Promise.resolve({ bytesInUse: 0, limitBytes: this.#limitBytes });
  }
}
