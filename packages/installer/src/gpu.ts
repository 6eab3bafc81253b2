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
    return driverVersionIn(readFileSync('/proc/driver/nvidia/version', 'utf8'));
  } catch {
    return null;
  }
}

/** `… Kernel Module  535.183.01 …` of the closed driver, `… Open Kernel Module for x86_64  580.65.06 …`. */
export function driverVersionIn(text: string): string | null {
  return /Kernel Module(?: for \S+)?\s+(\d+\.[\d.]+)/.exec(text)?.[1] ?? null;
}
