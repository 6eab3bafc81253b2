import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { optionsOf, partKindOfSchema, partKindOfValue, partReference } from './part-reference.ts';

describe('partReference', () => {
  const schema = z.strictObject({
    optimizer: partReference('optimizer').describe('update rule'),
    averager: partReference('averager').prefault('ema'),
    evaluators: z.array(partReference('evaluator')).default([]),
  });

  it('parses a name and an object to the same form', () => {
    const parsed = schema.parse({
      optimizer: 'adamw',
      evaluators: [{ use: 'exact-accuracy', top: 2 }],
    });
    expect(parsed).toEqual({
      optimizer: { use: 'adamw' },
      averager: { use: 'ema' },
      evaluators: [{ use: 'exact-accuracy', top: 2 }],
    });
    expect(optionsOf(parsed.evaluators[0]!)).toEqual({ top: 2 });
  });

  it('marks values, defaults and schemas with their kind', () => {
    const parsed = schema.parse({ optimizer: 'adamw' });
    expect(partKindOfValue(parsed.optimizer)).toBe('optimizer');
    expect(partKindOfValue(parsed.averager)).toBe('averager');
    expect(partKindOfSchema(schema.shape.optimizer)).toBe('optimizer');
    expect(partKindOfSchema(schema)).toBeUndefined();
  });

  it.each([[3], [null], [undefined], [['adamw']], [{ learningRate: 1 }]])('refuses %j', (value) => {
    expect(partReference('optimizer').safeParse(value).success).toBe(false);
  });
});
