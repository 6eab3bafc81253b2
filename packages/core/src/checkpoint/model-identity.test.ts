import { describe, expect, it } from 'vitest';

import { compareModels, modelIdentity, modelInMetadata } from './model-identity.ts';
import { requireSameModel, requireSameRows } from './same-model.ts';

const data = { task: 'sudoku', vocabSize: 11, seqLen: 81, numPuzzleIdentifiers: 1 };
const model = (options: object, version = '1.0.0', dataset = data) =>
  modelIdentity({ use: 'trm', package: '@x/models', version, options: { ...options } }, dataset);
const trained = model({ numHeads: 2, epsilon: 1e-5, steps: 4, inner: { cycles: 3 } });

describe('compareModels', () => {
  const namesOf = (...args: Parameters<typeof compareModels>) => {
    const { refused, noted } = compareModels(...args);
    return [refused.map(({ name }) => name), noted.map(({ name }) => name)];
  };

  it('lists exactly the options that differ, those of inner options by their path', () => {
    const other = model({ numHeads: 4, epsilon: 1e-6, steps: 4, inner: { cycles: 2 } });
    expect(compareModels(other, trained, { adjustable: [] }).refused).toEqual([
      { name: 'numHeads', expected: '4', received: '2' },
      { name: 'epsilon', expected: '0.000001', received: '0.00001' },
      { name: 'inner.cycles', expected: '2', received: '3' },
    ]);
  });

  it('notes an adjustable option, but not where the training goes on', () => {
    const other = model({ numHeads: 2, epsilon: 1e-5, steps: 16, inner: { cycles: 3 } });
    const adjustable = ['steps'];
    expect(namesOf(other, trained, { adjustable })).toEqual([[], ['steps']]);
    expect(namesOf(other, trained, { adjustable, isResume: true })).toEqual([['steps'], []]);
  });

  it('takes another version for the same model, other data or another plugin for another one', () => {
    const options = { ...trained.options };
    expect(namesOf(model(options, '2.0.0'), trained, { adjustable: [] })).toEqual([
      [],
      ['version'],
    ]);
    // A local file that was changed is another model.
    const local = (hash: string) => model(options, `sha256:${hash}`);
    expect(namesOf(local('b'), local('a'), { adjustable: [] })).toEqual([['version'], []]);
    expect(namesOf(local('a'), local('a'), { adjustable: [] })).toEqual([[], []]);
    const maze = { ...data, task: 'maze', vocabSize: 6 };
    expect(namesOf(model(options, '1.0.0', maze), trained, { adjustable: [] })).toEqual([
      ['vocabSize'],
      ['task'],
    ]);
    const hrm = { ...trained, use: 'hrm', options: { other: 1 } };
    expect(namesOf(hrm, trained, { adjustable: [] })).toEqual([['model'], []]);
  });

  it('survives JSON, and metadata that hold something else', () => {
    const read = modelInMetadata(new Map([['eddy.model', JSON.stringify(trained)]]));
    expect(compareModels(trained, read!, { adjustable: [] })).toEqual({ refused: [], noted: [] });
    expect(modelInMetadata(new Map([['eddy.model', '{"use":1}']]))).toBeUndefined();
    expect(modelInMetadata(new Map())).toBeUndefined();
  });
});

describe('the check of everything that loads weights', () => {
  const check = (facts: { allowed?: boolean; received?: typeof trained | undefined }) => {
    const said: string[] = [];
    const differences = requireSameModel({
      path: 'run/step-4',
      expected: model({ ...trained.options, numHeads: 4 }),
      adjustable: [],
      received: trained,
      allowed: false,
      override: '--allow-other-model',
      say: (level, text) => said.push(`${level}: ${text}`),
      ...facts,
    });
    return { differences, said };
  };

  it('refuses another model with what it is here, what it was, and what allows it', () => {
    expect(() => check({})).toThrow(
      expect.objectContaining({
        code: 'MODEL_DIFFERS',
        facts: expect.objectContaining({
          at: 'run/step-4',
          expected: 'numHeads 4',
          received: 'numHeads 2',
          fix: expect.stringContaining('--allow-other-model') as string,
        }) as object,
      }),
    );
  });

  it('says what was allowed, and what could not be compared', () => {
    const { differences, said } = check({ allowed: true });
    expect(differences).toEqual([{ name: 'numHeads', expected: '4', received: '2' }]);
    expect(said).toEqual([expect.stringMatching(/^warning: .*numHeads 2; used with numHeads 4/)]);
    expect(check({ received: undefined }).said).toEqual([
      expect.stringMatching(/^warning: run\/step-4 does not record its model/),
    ]);
  });

  it('compares rows by the names of their identifiers', () => {
    const said: string[] = [];
    const rows = (received: string[] | undefined, allowed = false) =>
      requireSameRows({
        path: 'run/step-4',
        expected: ['<blank>', 'a', 'b'],
        received,
        allowed,
        override: '--allow-other-model',
        say: (_level, text) => said.push(text),
      });
    rows(['<blank>', 'a', 'b']);
    expect(said).toEqual([]);
    expect(() => rows(['<blank>', 'b', 'a', 'c'])).toThrow(
      expect.objectContaining({
        code: 'IDENTIFIERS_DIFFER',
        facts: expect.objectContaining({
          message: expect.stringMatching(/^3 rows/) as string,
          expected: 'row 1: a',
          received: 'row 1: b',
        }) as object,
      }),
    );
    rows(['<blank>', 'b', 'a'], true);
    rows(undefined);
    expect(said).toEqual([
      expect.stringContaining('2 differ, the first is row 1'),
      expect.stringContaining('matched by index'),
    ]);
  });
});
