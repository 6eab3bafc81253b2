/** A training that a run has finished is not done again: by the built CLI, in steps, hashes and metrics. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventsOf, TINY, Workplace } from './eddy-cli.ts';

let place: Workplace;
beforeAll(() => {
  place = new Workplace();
  place.write('tiny.yml', TINY);
  expect(run('one')).toMatchObject({ status: 0 });
});
afterAll(() => place.remove());

const VALIDITY = 'evaluate.evaluators=[sudoku-validity]';

function run(folder: string, ...more: string[]) {
  const result = place.eddy('run', 'tiny.yml', '--json', '--run-dir', folder, ...more);
  return { ...result, events: eventsOf(result.stdout) };
}

const typed = (events: ReturnType<typeof eventsOf>, type: string) =>
  events.filter((event) => event.type === type);

/** Steps that were computed, not taken over. */
const stepsDone = (events: ReturnType<typeof eventsOf>) =>
  typed(events, 'step-finished').filter(({ isReused }) => isReused !== true).length;

function lastState(folder: string): string {
  const checkpoints = join(place.folder, folder, 'checkpoints');
  const last = readdirSync(checkpoints)
    .filter((name) => name.startsWith('step-'))
    .sort()
    .at(-1)!;
  const text = readFileSync(join(checkpoints, last, 'manifest.json'), 'utf8');
  return (JSON.parse(text) as { stateHash: string }).stateHash;
}

const metricsOf = (events: ReturnType<typeof eventsOf>) =>
  Object.fromEntries(
    typed(events, 'evaluation-finished').map(({ step, metrics }) => [String(step), metrics]),
  );

describe('a finished training', () => {
  it('is reused by a run with other evaluators, whose figures are those of `pipeline evaluate`', () => {
    expect(place.eddy('why', 'tiny.yml', VALIDITY).stdout).toContain(
      `train: will be reused from ${join(place.folder, 'one')}, trained on `,
    );
    expect(place.eddy('plan', 'tiny.yml', VALIDITY).stderr).toContain(
      `stage train will be reused from ${join(place.folder, 'one')}, trained on `,
    );
    const { status, stderr, events } = run('two', VALIDITY);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stepsDone(events)).toBe(0);
    expect(typed(events, 'training-started')).toEqual([]);
    const [reused] = typed(events, 'stage-reused').filter(({ stage }) => stage === 'train');
    expect(reused).toMatchObject({ madeBy: { run: join(place.folder, 'one') } });
    expect(lastState('two')).toBe(lastState('one'));
    // The journal has the curves of the training, so that loggers and reports do.
    const curve = (folder: string) =>
      eventsOf(readFileSync(join(place.folder, folder, 'journal.jsonl'), 'utf8'))
        .filter(({ type }) => type === 'step-finished')
        .map(({ step, metrics }) => ({ step, metrics }));
    expect(curve('two')).toEqual(curve('one'));
    const evaluated = place.eddy('evaluate', 'one', VALIDITY, '--json');
    const [[step, metrics] = []] = Object.entries(metricsOf(eventsOf(evaluated.stdout)));
    expect(metrics).toHaveProperty('valid_grid');
    expect(metricsOf(events)[step!]).toEqual(metrics);
  });

  it('is reused with its evaluations where only a logger is another one', () => {
    const first = eventsOf(readFileSync(join(place.folder, 'one', 'journal.jsonl'), 'utf8'));
    const { events } = run('logged', 'loggers=[console, csv]');
    expect(stepsDone(events)).toBe(0);
    expect(typed(events, 'evaluation-started')).toEqual([]);
    expect(metricsOf(events)).toEqual(metricsOf(first));
    const csv = readFileSync(join(place.folder, 'logged', 'metrics.csv'), 'utf8');
    expect(csv.trimEnd().split('\n').length).toBeGreaterThan(typed(first, 'step-finished').length);
  });

  it('is done again where anything differs that decides it, and when forced', () => {
    const others = [['seed=2'], ['train.optimizer.learningRate=0.5'], ['engine=cpu']];
    for (const [i, overrides] of others.entries()) {
      const text = place.eddy('why', 'tiny.yml', ...overrides, '--stage', 'train').stdout;
      expect(text, overrides.join()).toContain('will run: these inputs differ');
      const { events } = run(`other-${i}`, ...overrides, '--until', 'train');
      expect(stepsDone(events), overrides.join()).toBeGreaterThan(0);
    }
    // What changes nothing of the result does not.
    expect(place.eddy('why', 'tiny.yml', 'train.logInterval=2').stdout).toContain(
      'train: will be reused',
    );
    const forced = run('forced', '--force', 'train', '--until', 'train');
    expect(stepsDone(forced.events)).toBeGreaterThan(0);
    expect(lastState('forced')).toBe(lastState('one'));
  });

  it('of a run that goes on from another one does not stand for one from the start', () => {
    const longer = place.eddy('resume', 'one', 'train.epochs=4', '--run-dir', 'longer', '--json');
    expect(longer.status).toBe(0);
    const why = place.eddy('why', 'tiny.yml', 'train.epochs=4', '--stage', 'train').stdout;
    expect(why).toMatch(/will run[^]*epochs: 2 → 4/);
  });
});

describe('--from evaluate', () => {
  it('does not train', () => {
    const { status, events } = run('again', '--from', 'evaluate');
    expect(status).toBe(0);
    expect(stepsDone(events)).toBe(0);
    const given = run('given', '--from', 'evaluate', 'evaluate.checkpoint=one');
    expect(given.status).toBe(0);
    expect(typed(given.events, 'stage-started').map(({ stage }) => stage)).not.toContain('train');
    expect(typed(given.events, 'evaluation-finished')).toHaveLength(1);
  });

  it('is refused where nobody has finished the training', () => {
    const { status, stderr, events } = run('none', '--from', 'evaluate', 'train.epochs=6');
    expect({ status, steps: stepsDone(events) }).toEqual({ status: 2, steps: 0 });
    expect(stderr).toContain('TRAINING_MISSING');
  });
});

describe('the run that has it', () => {
  it('may be renamed, deleted where another one took it over, and is not trusted when damaged', () => {
    const at = (name: string) => join(place.folder, name);
    // Each run that reuses a training has it, too; here none shall be left but one.
    for (const name of ['two', 'logged', 'again', 'forced', 'given']) {
      rmSync(at(name), { recursive: true, force: true });
    }
    place.eddy('run', 'tiny.yml', '--run-dir', 'kept', '--json');
    rmSync(at('one'), { recursive: true });
    renameSync(at('kept'), at('renamed'));
    const moved = run('from-renamed');
    expect(stepsDone(moved.events)).toBe(0);
    const [reused] = typed(moved.events, 'stage-reused').filter(({ stage }) => stage === 'train');
    expect(reused).toMatchObject({ madeBy: { run: at('renamed') } });
    rmSync(at('from-renamed'), { recursive: true });
    const checkpoints = join(at('renamed'), 'checkpoints');
    for (const name of readdirSync(checkpoints)) {
      if (!name.startsWith('step-')) continue;
      const path = join(checkpoints, name, 'state.safetensors');
      const bytes = readFileSync(path);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(path, bytes);
    }
    const why = place.eddy('why', 'tiny.yml', '--stage', 'train').stdout;
    expect(why).toMatch(/train: will run again with the same inputs[^]*is damaged/);
    const again = run('anew');
    expect(again.status).toBe(0);
    expect(stepsDone(again.events)).toBeGreaterThan(0);
    const warned = typed(again.events, 'message').map(({ text }) => String(text));
    expect(warned.join('\n')).toMatch(/cannot be reused: [^]*is damaged/);
  });
});
