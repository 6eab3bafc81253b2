import { expect, it } from 'vitest';

import { formatMetric } from './metric.ts';

it.each([
  [0.5, '0.5'],
  [2.0001, '2'],
  [0.01, '0.01'],
  [0.00012345, '0.0001234'],
  [1230.4, '1230'],
  [5000.3, '5000'],
  [1.2e-8, '1.2e-8'],
  [1.234e-10, '1.234e-10'],
  [1.5e20, '1.5e+20'],
])('shows a loss of %d as %s', (value, text) => {
  expect(formatMetric('lm_loss', value)).toBe(text);
});
