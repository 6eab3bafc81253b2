import { expect, it } from 'vitest';

import type { ChangedOption } from '../contracts/services.ts';
import { requireSameOptions } from './same-options.ts';

const seed: ChangedOption = { path: 'seed', before: '5', now: '0', isAsked: false };
const epochs: ChangedOption = { path: 'train.epochs', before: '2', now: '3', isAsked: true };

function check(changes: readonly ChangedOption[], allowed = false): string[] {
  const said: string[] = [];
  requireSameOptions({
    path: 'run/step-4',
    changes,
    allowed,
    say: (level, text) => said.push(`${level}: ${text}`),
  });
  return said;
}

it('refuses every option that nobody asked for, naming both values', () => {
  const rate = { ...seed, path: 'train.optimizer.learningRate', before: '0.1', now: '0.2' };
  expect(() => check([seed, rate, epochs])).toThrow(
    expect.objectContaining({
      code: 'OPTIONS_DIFFER',
      facts: expect.objectContaining({
        at: 'run/step-4',
        expected: 'seed 5, train.optimizer.learningRate 0.1',
        received: 'seed 0, train.optimizer.learningRate 0.2',
      }) as object,
    }) as Error,
  );
});

it('reports what was asked for and what was allowed', () => {
  const asked = 'info: continues run/step-4 with new values: train.epochs: 2 → 3';
  expect(check([])).toEqual([]);
  expect(check([epochs])).toEqual([asked]);
  expect(check([seed, epochs], true)).toEqual([
    asked,
    'warning: other options allowed: run/step-4 was made with other values: seed: 5 → 0',
  ]);
});
