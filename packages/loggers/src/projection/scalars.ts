/** Events as scalars under the names that users of the reference know from W&B. */
import type { RunEvent } from '@eddy/core';

export interface Scalars {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/** The reference calls its only evaluation set `all`. */
const REFERENCE_SET = 'all';

/**
 * `num_params` at step 0, `train/lm_loss` …, `all.exact_accuracy` …; null for other events.
 *
 * @source spec/trm-reference.md §1.20
 */
export function scalarsOf(event: RunEvent): Scalars | null {
  if (event.type === 'training-planned') {
    return { step: 0, values: { num_params: event.plan.parameters } };
  }
  if (event.type === 'step-finished') {
    const of = event.label === undefined ? '' : `${event.label}.`;
    return { step: event.step, values: rename(event.metrics, (name) => `${of}train/${name}`) };
  }
  if (event.type === 'evaluation-finished') {
    const isTest = event.split === 'test';
    const split = isTest ? REFERENCE_SET : event.split;
    const of = event.label === undefined ? '' : `${event.label}.`;
    // Evaluators name theirs in full: `ARC/pass@2`. Those of other splits must not be taken for them.
    const values = rename(event.metrics, (name) =>
      name.includes('/') && isTest ? `${of}${name}` : `${of}${split}.${name}`,
    );
    return { step: event.step, values };
  }
  return null;
}

function rename(
  metrics: Readonly<Record<string, number>>,
  to: (name: string) => string,
): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [to(name), value]));
}
