/** PyTorch steps, timed by a Python process of their own (`bench/torch/serve.py`). */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { H_CYCLES, L_CYCLES, NUM_HEADS } from './sizes.js';

/** @import { Contender } from './contender.js' */
/** @import { Mixing, Size } from './sizes.js' */

/** The allocator settings that Eddy gives its engine's process, so that neither side pays for page faults alone. */
const ALLOCATOR = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: `${256 * 2 ** 20}`,
  MALLOC_TRIM_THRESHOLD_: '17179869184',
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
};

const VARIANTS = [
  { compiled: false, dtype: 'float32' },
  { compiled: false, dtype: 'bfloat16' },
  { compiled: true, dtype: 'float32' },
  { compiled: true, dtype: 'bfloat16' },
];

/** @param {string} python @param {string} device  `cpu`, `cuda` */
export function startTorch(python, device) {
  const script = join(import.meta.dirname, '../torch/serve.py');
  const child = spawn(python, [script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...ALLOCATOR },
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  /** @param {Record<string, unknown>} command */
  async function ask(command) {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error('the Python process ended; its message is above');
    return JSON.parse(value);
  }

  return {
    /**
     * @param {Size} size
     * @param {Mixing} mixing
     * @param {{ compiled: boolean, dtype: string }} variant
     * @returns {Promise<Contender>}
     */
    async prepare(size, mixing, variant) {
      const name = `torch ${variant.compiled ? 'compiled' : 'eager'} ${variant.dtype}`;
      const model = {
        vocabSize: size.vocabSize,
        seqLen: size.seqLen,
        hiddenSize: size.hiddenSize,
        numHeads: NUM_HEADS,
        puzzleLen: size.puzzleLen,
        puzzles: size.puzzles ?? 1,
        hCycles: size.hCycles ?? H_CYCLES,
        lCycles: size.lCycles ?? L_CYCLES,
        mlpT: mixing === 'mlp',
      };
      const { prepareMs } = await ask({
        op: 'prepare',
        id: name,
        model,
        batchSize: size.batchSize,
        device,
        ...variant,
      });
      return {
        name,
        side: 'torch',
        precision: variant.dtype === 'float32' ? 'float32' : 'bfloat16',
        prepareMs,
        peakBytes: async () => (await ask({ op: 'peak', id: name })).bytes ?? undefined,
        time: async (steps) => (await ask({ op: 'time', id: name, steps })).ms,
        dispose: () => ask({ op: 'dispose', id: name }),
      };
    },
    variants: VARIANTS,
    stop() {
      child.stdin.end();
    },
  };
}
