/** How much memory a training may plan for. */
import { parseByteSize } from '../../config/byte-size.ts';
import type { Engine } from '../../contracts/engine.ts';

/** Of a device's limit where the engine doesn't say what is usable: allocators leave gaps. */
const USABLE_PART = 0.9;

export interface MemoryBudget {
  /** What the engine holds already, the state and a step in work may take together. */
  readonly bytes: number;
  /** More than this would fail; at least `bytes`. */
  readonly limitBytes: number;
  /** What the engine held before the training. */
  readonly bytesInUse: number;
}

/** @param memory  a byte size (`16GiB`), or `auto` for what the engine says is usable. */
export async function memoryBudget(engine: Engine, memory: string): Promise<MemoryBudget> {
  const stats = await engine.memory();
  const { bytesInUse = 0, limitBytes = Number.POSITIVE_INFINITY } = stats;
  if (memory !== 'auto') {
    const bytes = parseByteSize(memory);
    return { bytes, limitBytes: bytes, bytesInUse };
  }
  return { bytes: stats.usableBytes ?? limitBytes * USABLE_PART, limitBytes, bytesInUse };
}
