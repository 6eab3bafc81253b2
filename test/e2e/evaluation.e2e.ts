/** docs/guides/evaluation.md as written: its pipeline, its commands, what they leave behind. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { readHostTree } from '@eddy/core/checkpoint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventsOf, Workplace } from './eddy-cli.ts';

interface Measured {
  readonly metrics: Record<string, number>;
  readonly folder: string;
}
interface Computed {
  readonly results: readonly {
    readonly curve: string;
    readonly steps: number;
    readonly trajectories: number;
    readonly views: number;
    readonly compute: number;
    readonly metrics: Record<string, number>;
  }[];
  readonly folder: string;
}

const guide = readFileSync(resolve(import.meta.dirname, '../../docs/guides/evaluation.md'), 'utf8');
const block = (language: string) =>
  new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(guide)![1]!;

let place: Workplace;
let events: ReturnType<typeof eventsOf>;
const last = <T>(all: typeof events, type: string) =>
  all.findLast((event) => event.type === type) as never as T;

beforeAll(() => {
  place = new Workplace();
  place.write('measured.yml', block('yaml'));
  const { status, stdout, stderr } = place.eddy(
    'run',
    'measured.yml',
    '--json',
    '--run-dir',
    'run',
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  events = eventsOf(stdout);
});
afterAll(() => place.remove());

describe('docs/guides/evaluation.md', () => {
  it('dumps the answers that were measured', async () => {
    const { metrics, folder } = last<Measured>(events, 'evaluation-finished');
    const tree = await readHostTree(join(folder, 'predictions.safetensors'));
    expect(tree['preds']!.shape).toEqual([12, 16]);
    const { data: labels } = tree['labels']!;
    const right = tree['preds']!.data.filter((token, i) => token === labels[i]).length;
    expect(right / labels.length).toBeCloseTo(metrics['accuracy']!, 6);
  });

  it('measures the settings of the sweep, and agrees with stage evaluate on what both measure', () => {
    const { results, folder } = last<Computed>(events, 'compute-measured');
    const shown = results.map(({ steps, trajectories, views }) => [steps, trajectories, views]);
    expect(shown).toEqual([
      [1, 1, 1],
      [2, 1, 1],
      [4, 1, 1],
      [8, 1, 1],
      [2, 1, 1],
      [2, 4, 1],
      [2, 1, 1],
      [2, 1, 3],
      [4, 1, 1],
      [8, 1, 1],
    ]);
    expect(results.slice(0, 8).map(({ compute }) => compute)).toEqual([1, 2, 4, 8, 2, 8, 2, 6]);
    const { metrics } = last<Measured>(events, 'evaluation-finished');
    for (const index of [1, 4, 6]) {
      expect(results[index]!.metrics['accuracy']).toBeCloseTo(metrics['accuracy']!, 6);
      expect(results[index]!.metrics['exact_accuracy']).toBe(metrics['exact_accuracy']);
    }
    expect(existsSync(join(folder, 'compute.csv'))).toBe(true);
    const report = readFileSync(join(place.folder, 'run', 'report.html'), 'utf8');
    expect(report).toContain('Accuracy against compute');
    expect(report).toContain('trajectories, 2 steps');
  });

  it('evaluates a checkpoint by itself', () => {
    const { metrics } = last<Measured>(events, 'evaluation-finished');
    const commands = block('sh').trim().split('\n');
    const outcomes = commands.map((line) => {
      const args = line
        .split(' ')
        .slice(1)
        .map((arg) => arg.replaceAll("'", ''));
      const { status, stdout, stderr } = place.eddy(...args, '--json');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return eventsOf(stdout);
    });
    for (const outcome of outcomes) {
      expect(outcome.some(({ type }) => type === 'step-finished')).toBe(false);
      expect(last<{ results: unknown[] }>(outcome, 'compute-measured').results).toHaveLength(10);
    }
    const again = last<Measured>(outcomes[0]!, 'evaluation-finished').metrics;
    for (const [name, value] of Object.entries(metrics)) {
      // Counts the padded rows of a batch, of which there are none here, as the reference does.
      if (name !== 'q_halt_loss') expect(again[name], name).toBeCloseTo(value, 6);
    }
    const few = last<{ examples: number }>(outcomes[1]!, 'evaluation-finished');
    expect(few.examples).toBe(5);
    const names = Object.keys(last<Measured>(outcomes[2]!, 'evaluation-finished').metrics);
    expect(names).toContain('valid_completion');
    expect(names).not.toContain('cell_accuracy');
  });

  it('says when there is nothing to evaluate', () => {
    const { status, stderr } = place.eddy('evaluate', 'nowhere');
    expect(stderr).toContain('CHECKPOINT_NOT_FOUND');
    expect(status).toBe(2);
  });
});
