import { expect, it } from 'vitest';

import { requireSamePlugins } from './same-plugins.ts';

const madeFrom = (plugins: Record<string, string>, code: Record<string, string> = {}) => ({
  stage: 'train',
  config: {},
  plugins,
  also: { code },
  inputs: [],
});

function check(before: unknown, now: unknown, allowed = false): string[] {
  const said: string[] = [];
  requireSamePlugins({
    path: 'run/step-4',
    before,
    now,
    allowed,
    say: (_, text) => said.push(text),
  });
  return said;
}

const own = { 'train.optimizer': 'mine@sha256:aaa', 'train.averager': 'ema@0.1.0' };

it('refuses another version of a plugin, naming it with both versions', () => {
  const now = { ...own, 'train.optimizer': 'mine@sha256:bbb' };
  expect(() => check(madeFrom(own), madeFrom(now))).toThrow(
    expect.objectContaining({
      code: 'PLUGINS_DIFFER',
      facts: expect.objectContaining({
        at: 'run/step-4',
        expected: 'train.optimizer mine@sha256:aaa',
        received: 'train.optimizer mine@sha256:bbb',
      }) as object,
    }) as Error,
  );
  expect(check(madeFrom(own), madeFrom(now), true)).toEqual([
    'other plugins allowed: train.optimizer is mine@sha256:bbb here, and mine@sha256:aaa made run/step-4',
  ]);
});

it('leaves the model to the identity of weights, and another plugin to the options', () => {
  const before = { 'train.model': 'm@sha256:a', 'train.optimizer': 'adamw@0.1.0' };
  const now = { 'train.model': 'm@sha256:b', 'train.optimizer': 'adam-atan2@0.2.0' };
  expect(check(madeFrom(before), madeFrom(now))).toEqual([]);
});

it('warns of packages whose code was edited', () => {
  const before = madeFrom(own, { '@x/a': '1+aa', '@x/b': '1' });
  expect(check(before, before)).toEqual([]);
  expect(check(before, madeFrom(own, { '@x/a': '1+bb', '@x/b': '1' }))).toEqual([
    'the code of @x/a is not that which made run/step-4: results may no longer be identical bit for bit',
  ]);
});

it('compares nothing with a checkpoint of an earlier version', () => {
  expect(check(undefined, madeFrom(own))).toEqual([]);
});
