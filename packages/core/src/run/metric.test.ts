import { describe, expect, it } from 'vitest';

import { describeMetric, formatMetric, isHeadline, metricDescriptionsOf } from './metric.ts';
import { exampleRun } from '../testing/example-run.ts';

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

describe('what a metric means', () => {
  const described = {
    'exact_accuracy/rating_*': {
      label: 'Solved, rating *',
      explanation: 'Share of puzzles rated * that are solved.',
      scale: 'share' as const,
      better: 'higher' as const,
      isPart: true,
    },
    wrong_cells: {
      label: 'Wrong cells',
      explanation: 'Mean of a puzzle.',
      better: 'lower' as const,
    },
  };

  it('is what the plugin says, with the text that its `*` stands for', () => {
    expect(describeMetric('exact_accuracy/rating_10-29', described)).toEqual({
      label: 'Solved, rating 10-29',
      explanation: 'Share of puzzles rated 10-29 that are solved.',
      scale: 'share',
      better: 'higher',
      isPart: true,
    });
    expect(formatMetric('exact_accuracy/rating_0', 0.25, described)).toBe('25.0 %');
    expect(isHeadline('exact_accuracy/rating_0', described)).toBe(false);
    expect(describeMetric('wrong_cells', described).better).toBe('lower');
  });

  it('is known of the metrics of the contract', () => {
    expect(describeMetric('lm_loss')).toMatchObject({ label: 'Answer loss', better: 'lower' });
    expect(describeMetric('exact_accuracy')).toMatchObject({ scale: 'share', better: 'higher' });
  });

  it('is guessed from a name that nobody describes', () => {
    expect(describeMetric('shape_accuracy')).toEqual({
      label: 'Shape accuracy',
      explanation: '',
      scale: 'share',
      better: 'higher',
    });
    expect(describeMetric('ARC/pass@2')).toMatchObject({ label: 'ARC, pass@2', scale: 'share' });
    expect(isHeadline('ARC/pass@2')).toBe(true);
    expect(isHeadline('votes/none')).toBe(false);
    expect(describeMetric('tokens')).toEqual({ label: 'Tokens', explanation: '' });
    // Names of Object.prototype are no descriptions.
    expect(describeMetric('constructor').label).toBe('Constructor');
  });

  it('is in the journal of a run', () => {
    const [started, ...rest] = exampleRun('/runs/example');
    if (started?.type !== 'run-started') throw new Error('the first event starts the run');
    expect(metricDescriptionsOf([started, ...rest])).toEqual({});
    const run = { ...started.run, metrics: described };
    expect(metricDescriptionsOf([{ ...started, run }, ...rest])).toBe(described);
  });
});
