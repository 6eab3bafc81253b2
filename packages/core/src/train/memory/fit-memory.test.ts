import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { mul, setBackend, tidy, zeros, type Scalar } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import type { Engine, EngineInfo, MemoryStats } from '../../contracts/engine.ts';
import { type Program, type TensorTree, recomputable, mapTree } from '@eddy/tensor';
import type { Model } from '../../contracts/model.ts';
import { bytesOf, type SpecTree } from '@eddy/tensor/spec';
import { eagerEngine } from '../../testing/eager-engine.ts';
import { toyModel } from '../../testing/toy-model.ts';
import { halfAverage, momentum, signDescent } from '../../testing/toy-parts.ts';
import { compileToFit, type FitRequest } from './fit-memory.ts';
import { shownCandidates } from '../plan/shown-candidates.ts';
import type { TrainingParts } from '../step/parts.ts';

const MIB = 2 ** 20;
const toy = toyModel({ vocabSize: 5, seqLen: 3 });
/** How often the piece of the model that may be computed again was computed. */
let computed = 0;
const model: Model = {
  ...toy,
  step(args) {
    const result = toy.step(args);
    const loss = recomputable(result.loss, {}, (x) => {
      computed += 1;
      return mul(x, 1);
    });
    return { ...result, loss: loss as Scalar };
  },
};
const parts: TrainingParts = {
  model,
  optimizer: momentum(0.1),
  rowOptimizer: signDescent(0.001),
  averager: halfAverage,
};
/** Scratch of a step: 10 MiB for the weights, and for each row 4 MiB, or 1 where it recomputes. */
const FIXED = 10 * MIB;
const KEPT = 4 * MIB;
const RECOMPUTED = MIB;

beforeAll(() => setBackend('cpu'));

/** Whether the program computes its activations again: it is run once, on zeros. */
function recomputes(program: Program): boolean {
  computed = 0;
  const zerosOf = (specs: SpecTree): TensorTree =>
    mapTree(specs, ({ shape, dtype }) => zeros([...shape], dtype));
  tidy(() => {
    program.run(zerosOf(program.state), zerosOf(program.inputs));
  });
  return computed === 2;
}

const scratchOf = (rows: number, again: boolean) => FIXED + (again ? RECOMPUTED : KEPT) * rows;

/** An engine that claims such scratch, and remembers what it compiled. */
function engineWith(memory: MemoryStats, info: Partial<EngineInfo> = {}, scratch = scratchOf) {
  const inner = eagerEngine();
  const [compiled, disposed]: [string[], string[]] = [[], []];
  const engine: Engine = {
    ...inner,
    info: { ...inner.info, ...info },
    memory: () => Promise.resolve(memory),
    compile: async (program) => {
      const executable = await inner.compile(program);
      const rows = program.inputs['batch/puzzleIdentifiers']?.shape[0];
      if (rows === undefined) return executable;
      const again = recomputes(program);
      const label = `${rows}${again ? ' again' : ''}`;
      compiled.push(label);
      return {
        name: executable.name,
        outputs: executable.outputs,
        stats: {
          compileMs: 1,
          cached: false,
          temporaryBytes: scratch(rows, again),
          flops: rows * (again ? 120 : 100),
        },
        run: (...args) => executable.run(...args),
        dispose: () => Promise.resolve(void disposed.push(label)),
      };
    },
  };
  return { engine, compiled, disposed };
}

function request(engine: Engine, overrides: Partial<FitRequest> = {}): FitRequest {
  return {
    engine,
    parts,
    globalBatchSize: 16,
    seqLen: 3,
    microBatchSize: 'auto',
    recompute: 'auto',
    memory: 'auto',
    ...overrides,
  };
}

const chosen = async (fit: FitRequest) => {
  const { runner } = await compileToFit(fit);
  return [runner.sizes.microBatchSize, runner.sizes.recompute];
};

describe('compileToFit', () => {
  it('takes the whole batch where it fits, by one compilation', async () => {
    const { engine, compiled } = engineWith({ limitBytes: 1000 * MIB });
    expect(await chosen(request(engine))).toEqual([16, false]);
    expect(compiled).toEqual(['16']);
  });

  it('computes activations again before it cuts the batch into slow pieces', async () => {
    // 74 MiB whole, 42 in halves; computed again 26 whole. A device with much overhead.
    const slow = { overheadBytes: 4 * bytesOf(parts.model.carry(1)) };
    const { engine, compiled, disposed } = engineWith({}, { pace: slow });
    expect(await chosen(request(engine, { memory: '30MiB' }))).toEqual([16, true]);
    expect(compiled).toEqual(['16', '16 again']);
    expect(disposed).toEqual(['16']);
  });

  it('cuts the batch first where that costs nothing', async () => {
    const { engine, compiled } = engineWith({});
    expect(await chosen(request(engine, { memory: '50MiB' }))).toEqual([8, false]);
    expect(compiled).toEqual(['16', '8']);
  });

  it('takes the size that the caches hold', async () => {
    const row = bytesOf(parts.model.carry(1));
    const pace = { overheadBytes: 0.1 * row, cacheBytes: 4 * row, slowdown: 0.1 };
    const { engine, compiled } = engineWith({ limitBytes: 1000 * MIB }, { pace });
    expect(await chosen(request(engine))).toEqual([4, false]);
    expect(compiled).toEqual(['4']);
  });

  it('plans for what the engine says is usable, less what it holds', async () => {
    const memory = { limitBytes: 200 * MIB, usableBytes: 80 * MIB, bytesInUse: 20 * MIB };
    const { engine } = engineWith(memory);
    expect(await chosen(request(engine, { recompute: false }))).toEqual([8, false]);
  });

  it('compiles what the estimate puts a little over the budget, since it may be wrong', async () => {
    // 80 MiB whole, so that halves are thought to take 40; they take 32.
    const scratch = (rows: number) => (rows === 16 ? 80 : 4 * rows) * MIB;
    const { engine, compiled } = engineWith({}, {}, scratch);
    const fit = request(engine, { recompute: false, memory: '38MiB' });
    expect(await chosen(fit)).toEqual([8, false]);
    expect(compiled).toEqual(['16', '8']);
  });

  it('counts what a process comes to hold', async () => {
    const processMemory = { scratchBuffers: 3, belowBytes: 30 * MIB };
    const { engine } = engineWith({}, { processMemory });
    const fitted = await compileToFit(request(engine, { recompute: false, memory: '48MiB' }));
    // Of 42 MiB one buffer, of 14 MiB three, and the toy's state twice.
    const bytes = new Map(fitted.candidates.map((c) => [c.microBatchSize, c.memoryBytes!]));
    expect(fitted.runner.sizes.microBatchSize).toBe(8);
    expect(Math.floor(bytes.get(8)! / MIB)).toBe(42);
    expect(Math.floor(bytes.get(1)! / MIB)).toBe(3 * 14);
  });

  it('counts what compiling leaves in a process', async () => {
    const candidatesWith = async (compilerBytes?: number) => {
      const processMemory = { scratchBuffers: 1, ...(compilerBytes && { compilerBytes }) };
      const { engine } = engineWith({}, { processMemory });
      const fitted = await compileToFit(request(engine, { recompute: false, memory: '1GiB' }));
      return fitted.candidates.map(({ memoryBytes }) => memoryBytes!);
    };
    const [without, left] = [await candidatesWith(), await candidatesWith(100 * MIB)];
    expect(left).toEqual(without.map((bytes) => bytes + 100 * MIB));
  });

  it('does as it is told', async () => {
    const { engine } = engineWith({ limitBytes: 1000 * MIB });
    expect(await chosen(request(engine, { microBatchSize: 2, recompute: true }))).toEqual([
      2,
      true,
    ]);
  });

  it('goes on as before where that fits', async () => {
    const preferred = { microBatchSize: 4, recompute: true };
    const { engine, compiled } = engineWith({ limitBytes: 1000 * MIB });
    expect(await chosen(request(engine, { preferred }))).toEqual([4, true]);
    expect(compiled).toEqual(['4 again']);
    const tight = engineWith({});
    expect(await chosen(request(tight.engine, { preferred, memory: '13MiB' }))).toEqual([2, true]);
  });

  it('refuses what not even one row fits, with what would help', async () => {
    const { engine, disposed } = engineWith({});
    await expect(compileToFit(request(engine, { memory: '10MiB' }))).rejects.toMatchObject({
      code: 'MEMORY_TOO_SMALL',
      exitCode: 2,
      facts: {
        at: 'train.memory',
        expected: 'at most 10 MiB, of which the engine holds 0 B',
        received: '11 MiB, with recomputed activations',
        fix: expect.stringContaining('`train.memory=auto`') as string,
      },
    });
    expect(disposed.length).toBeGreaterThan(0);
  });

  it('says which options would help where they are not on auto', async () => {
    const { engine } = engineWith({});
    const fixed = { microBatchSize: 8, recompute: false, memory: '20MiB' } as const;
    await expect(compileToFit(request(engine, fixed))).rejects.toMatchObject({
      facts: { fix: expect.stringMatching(/microBatchSize=auto.*recompute=auto/) as string },
    });
  });

  it('refuses a size that does not divide the batch', async () => {
    const { engine } = engineWith({});
    await expect(compileToFit(request(engine, { microBatchSize: 5 }))).rejects.toMatchObject({
      message: 'internal: 5 does not divide 16',
    });
  });
});

it('a plan shows what was compiled, what fits, and what was taken', async () => {
  const { engine } = engineWith({});
  const fitted = await compileToFit(request(engine, { memory: '50MiB', explore: true }));
  const table = shownCandidates(fitted).map((c) => [
    c.microBatchSize,
    c.recompute,
    c.isMeasured,
    c.fits,
    c.isChosen,
    Math.round(100 * c.relativeTime),
  ]);
  expect(table).toMatchInlineSnapshot(`
    [
      [
        16,
        false,
        true,
        false,
        false,
        94,
      ],
      [
        16,
        true,
        false,
        true,
        false,
        113,
      ],
      [
        8,
        false,
        true,
        true,
        true,
        100,
      ],
      [
        8,
        true,
        true,
        true,
        false,
        120,
      ],
    ]
  `);
});

describe('a batch that the devices cannot share equally', () => {
  const fit = (
    info: Partial<EngineInfo>,
    sizes: { globalBatchSize: number; microBatchSize: number | 'auto' },
  ) =>
    compileToFit({
      engine: engineWith({}, info).engine,
      parts,
      seqLen: 3,
      recompute: false,
      memory: 'auto',
      ...sizes,
    });

  it('is refused with the next sizes that they can', async () => {
    await expect(
      fit({ devices: 6, hosts: 2 }, { globalBatchSize: 32, microBatchSize: 'auto' }),
    ).rejects.toMatchObject({
      code: 'BATCH_NOT_DIVISIBLE',
      exitCode: 2,
      facts: {
        at: 'train.globalBatchSize',
        expected: "a multiple of the engine's 6 devices (3 on each of 2 hosts)",
        received: '32',
        fix: 'choose a multiple: `train.globalBatchSize=30` or `train.globalBatchSize=36`; or change the number of hosts or engine.devices',
      },
    });
    await expect(
      fit({ devices: 4 }, { globalBatchSize: 3, microBatchSize: 3 }),
    ).rejects.toMatchObject({
      facts: {
        fix: 'choose a multiple: `train.globalBatchSize=4`; or change the number of engine.devices',
      },
    });
  });

  it('nor its micro-batches: with the next that divide it, too', async () => {
    await expect(
      fit({ devices: 4 }, { globalBatchSize: 96, microBatchSize: 6 }),
    ).rejects.toMatchObject({
      facts: {
        at: 'train.microBatchSize',
        expected: "a multiple of the engine's 4 devices",
        received: '6',
        fix: 'choose a multiple: `train.microBatchSize=4` or `train.microBatchSize=8`; or change the number of engine.devices',
      },
    });
  });

  it('is taken where fewer devices of each host may do it, but by all hosts', async () => {
    const cpus = { devices: 8, hosts: 2, fewerDevices: true };
    const { runner } = await fit(cpus, { globalBatchSize: 12, microBatchSize: 6 });
    expect(runner.sizes.microBatchSize).toBe(6);
    await expect(fit(cpus, { globalBatchSize: 12, microBatchSize: 3 })).rejects.toMatchObject({
      facts: {
        expected: "a multiple of the run's 2 hosts",
        fix: 'choose a multiple: `train.microBatchSize=2` or `train.microBatchSize=4`; or change the number of hosts or engine.devices',
      },
    });
  });
});
