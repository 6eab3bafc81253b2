/** Does with runs what people do: change the data, the model or the place, ask for more, look at a list. */
import { cp, readdir, rename, rm } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { tiny } from '../fixes/tiny.ts';
import { trained } from '../fixes/trained.ts';
import { here } from './here.ts';

const held = here();
const copyRun = trained({ epochs: '  epochs: 4', interval: '  evalInterval: 2' });

async function done(...words: string[]): Promise<string> {
  const { exitCode, output } = await held.place.pipeline(words);
  expect(exitCode, output).toBe(0);
  return output;
}

async function refused(...words: string[]): Promise<string> {
  const { exitCode, output } = await held.place.pipeline(words);
  expect([1, 2], output).toContain(exitCode);
  return output;
}

interface Standing {
  readonly path: string;
  readonly status: string;
  readonly step?: number;
  readonly totalSteps?: number;
}
const runsIn = async (folder: string) => {
  const { stdout } = await held.place.pipeline(['runs', folder, '--json']);
  return JSON.parse(stdout) as readonly Standing[];
};

describe('weights of another model', () => {
  it.each([
    ['other heads', 'numHeads: 1', 'numHeads: 2', 'numHeads'],
    ['other cycles', 'lCycles: 1', 'lCycles: 3', 'lCycles'],
    ['other positions', 'haltMaxSteps: 2', 'haltMaxSteps: 2, positionEncoding: learned', 'positionEncoding'], // prettier-ignore
    ['another epsilon', 'haltMaxSteps: 2', 'haltMaxSteps: 2, rmsNormEpsilon: 1e-3', 'rmsNormEpsilon'], // prettier-ignore
  ])('%s are named before anything is computed', async (_what, from, to, key) => {
    await copyRun(held.place);
    await held.place.write('other.yml', tiny().replace(from, to));
    for (const words of [
      ['evaluate', 'runs/r', '--pipeline', 'other.yml'],
      ['run', 'other.yml', '--run-dir', 'o', '+train.loadCheckpoint={from: runs/r}'],
    ]) {
      const output = await refused(...words);
      expect(output).toContain('MODEL_DIFFERS');
      expect(output).toContain(key);
      expect(output).toContain('--allow-other-model');
    }
  });
});

describe('the run to go on with', () => {
  it('is found, whatever ran since, and whatever its folder is called', async () => {
    await copyRun(held.place);
    await rm(held.place.at('runs/r'), { recursive: true });
    await done('run', 'p.yml', 'train.maxSteps=3', '--resume', 'auto');
    const [first] = await readdir(held.place.at('runs'));
    // Interrupted: the end is missing.
    const journal = `runs/${first}/journal.jsonl`;
    await held.place.edit(journal, /\{[^\n]*"run-finished"[^\n]*\n$/, '');
    await done('run', 'p.yml', 'train.maxSteps=1');
    await rename(held.place.at(`runs/${first}`), held.place.at('runs/moved here'));
    await done('run', 'p.yml', 'train.maxSteps=3', '--resume', 'auto');
    expect(await readdir(held.place.at('runs'))).toHaveLength(2);
    expect((await held.place.read('runs/moved here/journal.jsonl')).match(/"resumed"/g)).toHaveLength(1); // prettier-ignore
    // It is done now: the next one begins anew.
    await done('run', 'p.yml', 'train.maxSteps=3', '--resume', 'auto');
    expect(await readdir(held.place.at('runs'))).toHaveLength(3);
  });
});

describe('longer, or at another rate, from here', () => {
  it('has one command, which every refusal names', async () => {
    await copyRun(held.place);
    const wish = ['train.epochs=6', 'train.optimizer.learningRate=3e-4'];
    const told = 'train.optimizer.learningRate=0.0003 train.epochs=6';
    for (const words of [
      ['run', 'p.yml', '--run-dir', 'runs/r', ...wish],
      ['run', 'p.yml', '--run-dir', 'runs/r', '--resume', 'auto', ...wish],
    ]) {
      const output = await refused(...words);
      expect(output).toContain(`pipeline resume ${held.place.at('runs/r')} ${told}`);
    }
    await done('resume', 'runs/r', ...wish);
    const runs = await runsIn('runs');
    expect(runs.map(({ status, step }) => [status, step])).toEqual([
      ['done', 8],
      ['done', 12],
    ]);
    const config = parse(await held.place.read(`${runs[1]!.path.replace(`${held.place.folder}/`, '')}/config.yml`)) as { train: { optimizer: object } }; // prettier-ignore
    expect(config.train.optimizer).toMatchObject({ learningRate: 3e-4 });
  });
});

describe('a run that was copied elsewhere', () => {
  it('predicts, is evaluated and goes on without its project', async () => {
    await copyRun(held.place);
    await cp(held.place.at('runs/r'), held.place.at('far/away/copy'), { recursive: true });
    await rm(held.place.at('runs'), { recursive: true });
    await rm(held.place.at('p.yml'));
    await done('evaluate', 'far/away/copy');
    await done('predict', 'far/away/copy', '1...3...2...4...');
    await done('resume', 'far/away/copy', 'train.epochs=6');
  });
});

describe('numbers on screen', () => {
  it('are those of the run', async () => {
    // 8 rows an epoch in batches of 3: 2 steps of each epoch, 1 row is dropped every time.
    await held.place.write('p.yml', tiny({ size: '  globalBatchSize: 3', epochs: '  epochs: 5', interval: '  evalInterval: 1' })); // prettier-ignore
    const output = await done('run', 'p.yml', '--run-dir', 'r', 'loggers=[console]');
    expect(output).toContain('10 steps, batch 3');
    expect(output).not.toContain('/13');
    expect(await runsIn('.')).toMatchObject([{ step: 10, totalSteps: 10 }]);
    expect(await done('runs', '.')).toMatch(/ done .* 10 +test at 10 /);
    const events = (await held.place.read('r/journal.jsonl')).trim().split('\n');
    const busy = events.flatMap((line) => {
      const event = JSON.parse(line) as { type: string; stage: string; busyMs?: number; durationMs: number }; // prettier-ignore
      return event.type === 'stage-finished' ? [[event.stage, event.busyMs ?? event.durationMs] as const] : []; // prettier-ignore
    });
    const { timeMs } = JSON.parse(events.at(-1)!) as { timeMs: number };
    expect(busy.map(([stage]) => stage)).toEqual(['build', 'train', 'evaluate']);
    // Each has its own time: together they are no longer than the run.
    expect(busy.reduce((sum, [, ms]) => sum + ms, 0)).toBeLessThanOrEqual(timeMs);
  });

  it('keep the best checkpoint and those that were asked for', async () => {
    await held.place.write('p.yml', tiny({ epochs: '  epochs: 6', interval: '  evalInterval: 1', trainMore: '  checkpoint: { keep: 1 }' })); // prettier-ignore
    await done('run', 'p.yml', '--run-dir', 'r');
    const kept = await readdir(held.place.at('r/checkpoints'));
    const best = JSON.parse(await held.place.read('r/checkpoints/best.json')) as { step: number };
    expect(kept).toContain(`step-${String(best.step).padStart(8, '0')}`);
    await done('run', 'p.yml', '--run-dir', 'all', 'train.checkpoint.keepEvaluated=true');
    const all = await readdir(held.place.at('all/checkpoints'));
    expect(all.filter((name) => name.startsWith('step-'))).toHaveLength(6);
  });

  it('count trials that wait as waiting', async () => {
    await copyRun(held.place);
    await held.place.write('s/sweep.json', '{}'); // not one
    await cp(held.place.at('runs/r'), held.place.at('waiting/w'), { recursive: true });
    await rm(held.place.at('waiting/w/journal.jsonl'));
    expect(await runsIn('waiting')).toMatchObject([{ status: 'waiting' }]);
    const { output } = await held.place.pipeline(['runs', 'waiting']);
    expect(output).toContain(`warning: the journal of a run is damaged or missing`);
  });
});
