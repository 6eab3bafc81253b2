/**
 * `model_errors`: which configurations the reference runs and which it stops at, mostly inside a step.
 * Here each either trains a step or is refused before anything runs.
 */
import { initialise } from '@eddy/core/training';
import { randomStream, type Model } from '@eddy/core';
import { type HostTensor, type HostTree } from '@eddy/tensor';
import { stepProgram } from '@eddy/core/testing';

import { FLOAT32_ENGINES, type CaseHandler, type ParityEngine } from '../case-handler.ts';
import { modelOf, type ArchConfig } from '../reference-arch.ts';
import { compileProgram } from '../run-program.ts';

interface Entry {
  readonly desc: string;
  readonly arch: string;
  readonly train: boolean;
  readonly loss_type: string;
  /** Absent in the entries about the trainer's batches. */
  readonly config?: ArchConfig;
  readonly metrics?: readonly string[];
}

/** Options that contradict each other: refused here; some crash there, some mean "none" unsaid. */
const REFUSED = [
  'puzzle_emb_ndim=0 while puzzle_emb_len>0',
  'puzzle_emb_ndim larger than puzzle_emb_len*hidden',
  'odd head_dim (hidden 35, heads 7 -> 5) with rope',
  'pos_encodings=none in transformers_baseline',
  'unknown pos_encodings string is silently "none" in trm',
  'unknown pos_encodings string is silently "none" in hrm',
];

const isRefused = ({ desc, arch }: Entry) =>
  REFUSED.includes(desc) || (desc === 'L_cycles=7' && arch.includes('trm_hier6'));

export const handler: CaseHandler = {
  matches: (name) => name === 'model_errors',
  engines: FLOAT32_ENGINES,
  async run(fixture, engine) {
    const entries = (fixture.json as Entry[]).filter(({ config }) => config !== undefined);
    for (const entry of entries) {
      // Widths that the oracle would take minutes for run compiled, all others on the oracle.
      const wide = (entry.config!['hidden_size'] as number) > 64;
      if (engine === 'tensorflow' || wide === (engine === 'xla')) await checkEntry(entry, engine);
    }
  },
};

async function checkEntry(entry: Entry, engine: ParityEngine): Promise<void> {
  const { arch, loss_type } = entry;
  const create = () => modelOf({ ...entry.config, arch, loss_type });
  if (isRefused(entry)) {
    if (!throws(create)) throw new Error(`${arch}, ${entry.desc}: was not refused`);
    return;
  }
  const result = await runStep(create(), entry, engine);
  for (const name of ['loss', ...(entry.metrics ?? []).map((metric) => `metrics/${metric}`)]) {
    const value = result[name]?.data[0];
    if (!Number.isFinite(value)) throw new Error(`${arch}, ${entry.desc}: ${name} is ${value}`);
  }
}

/** One step from fresh weights on a random batch. */
async function runStep(model: Model, entry: Entry, engine: ParityEngine): Promise<HostTree> {
  const random = randomStream(0);
  const config = entry.config as Record<string, number>;
  const { batch_size: batchSize, seq_len: seqLen, vocab_size: vocabSize } = config;
  const program = stepProgram(model, {
    batchSize: batchSize!,
    seqLen: seqLen!,
    training: entry.train,
  });
  const carry = model.initialCarry(batchSize!);
  const inputs = Object.entries(program.inputs).map(([name, spec]): [string, HostTensor] => {
    const [, folder, own] = /^(\w+)\/(.*)$/.exec(name)!;
    const size = spec.shape.reduce((product, dim) => product * dim, 1);
    const stream = random.stream(name);
    if (folder === 'carry') return [name, carry[own!]!];
    if (folder === 'parameters' || folder === 'buffers') {
      return [name, { ...spec, data: initialise(model[folder][own!]!, stream) }];
    }
    if (name === 'batch/inputs' || name === 'batch/labels') {
      const data = Int32Array.from({ length: size }, () => stream.integer(vocabSize!));
      return [name, { ...spec, data }];
    }
    const data = spec.dtype === 'int32' ? new Int32Array(size) : new Float32Array(size);
    return [name, { ...spec, data }];
  });
  const compiled = await compileProgram(program, engine);
  try {
    return await compiled.run(Object.fromEntries(inputs));
  } finally {
    await compiled.dispose();
  }
}

function throws(f: () => unknown): boolean {
  try {
    f();
    return false;
  } catch {
    return true;
  }
}
