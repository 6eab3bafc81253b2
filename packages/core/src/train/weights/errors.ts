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
      ? 'do not load the rows, `train.loadCheckpoint.table=reset`, or give the model the width of the weights'
      : 'give the model the options of the run that made the weights: `pipeline diff RUN FILE` shows the differences',
    exitCode: 2,
  });
}

/** Numbers with a sum of 1, as they are typed. */
function equalShares(count: number): string {
  return Array.from({ length: count }, () => Number((1 / count).toFixed(3))).join(',');
}

export function averageAlphasInvalid(facts: {
  count: number;
  given: readonly number[];
  sum: number;
}): EddyError {
  return new EddyError({
    code: 'AVERAGE_ALPHAS_INVALID',
    message: 'the weights of an average must be one number for each checkpoint, with a sum of 1',
    at: facts.given.join(', '),
    expected: `${facts.count} numbers with a sum of 1, one for each checkpoint`,
    received: `${facts.given.length} numbers with a sum of ${facts.sum}`,
    fix: `give one weight for each checkpoint: \`--weights ${equalShares(facts.count)}\` (in a pipeline weights: […]); or remove them for equal weights`,
    exitCode: 2,
  });
}
