import { expect, it } from 'vitest';

import { fromJson, toJson } from './json.ts';

const event = (metrics: object) => ({ type: 'step-finished', metrics, text: 'NaN', none: null });

it('writes numbers that JSON has not as texts, and reads them back where numbers are', () => {
  const metrics = { loss: NaN, up: Infinity, down: -Infinity, accuracy: 0.5 };
  const written = toJson(event(metrics));
  expect(written).toBe(
    '{"type":"step-finished","metrics":{"loss":"NaN","up":"Infinity","down":"-Infinity","accuracy":0.5},"text":"NaN","none":null}',
  );
  expect(fromJson(written)).toEqual(event(metrics));
});

it('reads journals of before', () => {
  expect(
    fromJson('{"metrics":{"loss":{"nonFinite":"NaN"},"a":1},"x":{"nonFinite":"stop"}}'),
  ).toEqual({ metrics: { loss: NaN, a: 1 }, x: { nonFinite: 'stop' } });
});
