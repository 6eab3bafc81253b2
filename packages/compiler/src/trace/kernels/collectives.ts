/** `sumOverDevices` and `gatherOverDevices` of @eddy/tensor; on a single device they return their operand. */
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { GATHER_OVER_DEVICES_KERNEL, SUM_OVER_DEVICES_KERNEL } from '@eddy/tensor';

import type { CaptureBackend } from '../capture/capture-backend.ts';

function collectiveKernel(op: 'allReduce' | 'allGather'): KernelFunc {
  return ({ inputs, backend: anyBackend }) => {
    const backend = anyBackend as CaptureBackend;
    const { builder, devices } = backend.scope;
    const x = backend.valueFor(inputs['x']!);
    return backend.tensorInfo(devices === 1 ? x : builder.emit(op, [x], { devices }));
  };
}

export const collectiveKernels: Readonly<Record<string, KernelFunc>> = {
  [SUM_OVER_DEVICES_KERNEL]: collectiveKernel('allReduce'),
  [GATHER_OVER_DEVICES_KERNEL]: collectiveKernel('allGather'),
};
