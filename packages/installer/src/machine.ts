/** Facts about this machine that change what XLA compiles. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

export interface Machine {
  readonly cores: number;
  readonly model: string;
  /** Instruction set extensions, as /proc/cpuinfo lists them; empty off Linux. */
  readonly features: readonly string[];
}

let known: Machine | null = null;

export function machine(): Machine {
  known ??= {
    cores: availableParallelism(),
    model: cpus()[0]?.model ?? 'unknown',
    features: cpuFeatures(),
  };
  return known;
}

/** Whether bfloat16 products are faster than float32 ones here. */
export function hasFastBfloat16(features: readonly string[] = machine().features): boolean {
  return features.includes('avx512_bf16') || features.includes('amx_bf16');
}

function cpuFeatures(): string[] {
  try {
    const info = readFileSync('/proc/cpuinfo', 'utf8');
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(info)?.[1] ?? '';
    return line.trim().split(/\s+/).sort();
  } catch {
    return [];
  }
}
