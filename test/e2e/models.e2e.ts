/** Models beside a pipeline: those of docs/guides/write-a-model.md, through every command. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { eventsOf, Workplace } from './eddy-cli.ts';

const guide = resolve(import.meta.dirname, '../../docs/guides/write-a-model');
/** What `pipeline new model` writes, which the guide shows as well. */
const template = resolve(import.meta.dirname, '../../packages/cli/templates/model');
const place = new Workplace();
afterAll(() => place.remove());

const textOf = (file: string) =>
  readFileSync([guide, template].map((folder) => join(folder, file)).find(existsSync)!, 'utf8');

/** Trains it as the guide says, on TF.js. @returns the losses of its steps */
function train(name: string, engine = 'wasm'): number[] {
  place.write(`${name}.ts`, textOf(`${name}.ts`));
  place.write(`${name}.yml`, textOf(`${name}.yml`));
  expect(place.eddy('validate', `${name}.yml`)).toMatchObject({ status: 0, stderr: '' });
  const { status, stdout, stderr } = place.eddy(
    ...['run', `${name}.yml`, `engine=${engine}`, '--json', '--run-dir', `run-${name}`],
  );
  expect(status, stderr).toBe(0);
  return eventsOf(stdout)
    .filter(({ type }) => type === 'step-finished')
    .map(({ metrics }) => (metrics as Record<string, number>)['lm_loss']!);
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;

/** Of its loss, what is left at the end: means of five steps. */
function lossLeft(losses: readonly number[]): number {
  return mean(losses.slice(-5)) / mean(losses.slice(0, 5));
}

describe('a model without recursion, halting and names in PyTorch', () => {
  it('learns', () => {
    expect(lossLeft(train('perceptron'))).toBeLessThan(0.6);
  });

  it('is evaluated, and shown in the report without halting values', () => {
    const { status, stdout } = place.eddy('evaluate', 'run-perceptron', '--json');
    expect(status).toBe(0);
    const [{ metrics }] = eventsOf(stdout).filter(
      ({ type }) => type === 'evaluation-finished',
    ) as unknown as [{ metrics: Record<string, number> }];
    expect(Object.keys(metrics)).toEqual(
      expect.arrayContaining(['accuracy', 'exact_accuracy', 'lm_loss']),
    );
    expect(metrics['accuracy']).toBeGreaterThan(0.25);
    const report = readFileSync(join(place.folder, 'run-perceptron/report.html'), 'utf8');
    expect(report).toContain('The model has no halting values');
    expect(report).not.toContain('halt +');
  });

  it('predicts, and says that it does not know how sure it is', () => {
    const { stdout } = place.eddy('predict', 'run-perceptron', '12..3..2.4.1..3.', '--trace');
    expect(stdout).toContain(
      'answer after 1 step, from a model that does not report its confidence',
    );
    const { stdout: json } = place.eddy('predict', 'run-perceptron', '12..3..2.4.1..3.', '--json');
    expect(JSON.parse(json)).toMatchObject({ halt: null, steps: [{ halt: null }] });
  });

  it('is exported, but not as a state_dict', () => {
    for (const format of ['safetensors', 'onnx']) {
      const output = `perceptron.${format}`;
      const exported = place.eddy('export', 'run-perceptron', '--format', format, '-o', output);
      expect(exported.status, exported.stderr).toBe(0);
      expect(readFileSync(join(place.folder, output)).length).toBeGreaterThan(1000);
    }
    const { status, stderr } = place.eddy(
      ...['export', 'run-perceptron', '--format', 'state-dict', '-o', 'perceptron.pt'],
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(/STATE_DICT_UNKNOWN[^]*`--format safetensors` or `--format onnx`/);
  });

  it('is planned', () => {
    const { status, stdout } = place.eddy('plan', 'perceptron.yml');
    expect(status).toBe(0);
    expect(stdout).toContain('parameters');
  });

  it('has its test-time compute measured, as far as it has any', () => {
    const withStage = (sweep: string) =>
      place.write(
        'compute.yml',
        `${textOf('perceptron.yml')}\ntest-time-compute:\n  sweep: [${sweep}]\n`,
      );
    const run = () => place.eddy('run', 'compute.yml', 'train.epochs=1', '--json');
    withStage('{ steps: [1, 2] }');
    const { status, stdout, stderr } = run();
    expect(status, stderr).toBe(0);
    const [measured] = eventsOf(stdout).filter(({ type }) => type === 'compute-measured');
    const results = measured!['results'] as { metrics: Record<string, number> }[];
    expect(results.map(({ metrics }) => Object.keys(metrics))).toEqual([
      ['exact_accuracy', 'accuracy'],
      ['exact_accuracy', 'accuracy'],
    ]);
    withStage('{ halt: true }');
    expect(run().stderr).toMatch(/HALTING_MISSING[^]*set halt: false/);
    withStage('{ trajectories: 2 }');
    expect(run().stderr).toMatch(/HALTING_MISSING[^]*set choose: mode/);
    withStage('{ trajectories: 2, choose: mode }');
    expect(run().stderr).toMatch(/LATENTS_MISSING[^]*trajectories: 1/);
  });
});

describe('a recursion with three latents', () => {
  it('learns, halts and shows its steps', () => {
    expect(lossLeft(train('three-latents'))).toBeLessThan(0.8);
    const { stdout } = place.eddy('predict', 'run-three-latents', '12..3..2.4.1..3.', '--trace');
    expect(stdout).toMatch(/step 3 {2}.* {2}halt [−+]/);
  });
});

describe('a convolutional maze solver', () => {
  it('learns', () => {
    // TF.js has the gradient of a convolution in JavaScript alone.
    expect(lossLeft(train('maze-conv', 'cpu'))).toBeLessThan(0.8);
    expect(place.eddy('predict', 'run-maze-conv', '--example', '0').status).toBe(0);
  });
});

describe('a model that breaks the contract of the kit', () => {
  it('is refused with the part and the fix, before training starts', () => {
    place.write(
      'broken.ts',
      textOf('three-latents.ts').replace(
        'return { answer, plan, details };',
        'return { answer, plan } as never;',
      ),
    );
    place.write(
      'broken.yml',
      textOf('three-latents.yml').replace('./three-latents.ts', './broken.ts'),
    );
    const { status, stderr } = place.eddy(
      'run',
      'broken.yml',
      'engine=wasm',
      '--run-dir',
      'broken',
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /MODEL_PART_INVALID[^]*at +cycles[^]*expected +the latents answer, plan, details[^]*received +answer, plan/,
    );
  });
});
