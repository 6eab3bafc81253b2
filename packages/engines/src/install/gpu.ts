import { existsSync, readFileSync } from 'node:fs';

export interface NvidiaGpu {
  /** Of the kernel driver: `580.65.06`. */
  readonly driverVersion: string | null;
  /** The plugin for this driver. */
  readonly engine: 'cuda12' | 'cuda13';
}

/** First driver branch that runs CUDA 13. */
const CUDA_13_DRIVER = 580;

/** Looks for an NVIDIA GPU without loading anything of NVIDIA's. */
export function findNvidiaGpu(): NvidiaGpu | null {
  if (!existsSync('/dev/nvidiactl')) return null;
  const driverVersion = readDriverVersion();
  const major = driverVersion === null ? 0 : Number.parseInt(driverVersion, 10);
  return { driverVersion, engine: major >= CUDA_13_DRIVER ? 'cuda13' : 'cuda12' };
}

function readDriverVersion(): string | null {
  try {
    const text = readFileSync('/proc/driver/nvidia/version', 'utf8');
    return /Kernel Module\D*\s(\d+\.[\d.]+)/.exec(text)?.[1] ?? null;
  } catch {
    return null;
  }
}
