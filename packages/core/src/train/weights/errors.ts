/** Errors of weights that come from elsewhere. */
import { EddyError } from '@eddy/tensor/errors';

/** @param differences  one text for each tensor that differs */
export function weightsMismatch(path: string, differences: readonly string[]): EddyError {
  const shown = differences.slice(0, 12).join('; ');
  const more = differences.length > 12 ? `; and ${differences.length - 12} more` : '';
  const onlyTables = differences.every((difference) => difference.startsWith('tables/'));
  return new EddyError({
    code: 'WEIGHTS_MISMATCH',
    message: 'the weights to start from do not fit the model of this run',
    at: path,
    expected: 'the tensors of this model, with its shapes',
    received: shown + more,
    fix: onlyTables
      ? 'take a model with the same width, or `table: reset`'
      : 'give the model the options of the run that made the weights',
    exitCode: 2,
  });
}

export function averageAlphasInvalid(facts: {
  count: number;
  given: readonly number[];
  sum: number;
}): EddyError {
  return new EddyError({
    code: 'AVERAGE_ALPHAS_INVALID',
    message: 'the weights of the average do not fit its checkpoints',
    at: facts.given.join(', '),
    expected: `${facts.count} numbers with a sum of 1, one for each checkpoint`,
    received: `${facts.given.length} numbers with a sum of ${facts.sum}`,
    fix: 'correct them, or leave them out for equal shares',
    exitCode: 2,
  });
}
