/** Errors of what a training step is made of. */
import { EddyError } from '@eddy/tensor/errors';
import { nearest } from '../../config/nearest.ts';

export function rowOptimizerMissing(tables: readonly string[]): EddyError {
  return new EddyError({
    code: 'ROW_OPTIMIZER_MISSING',
    message: 'the model has a table of rows, but no row optimizer trains it',
    at: 'train.rowOptimizer',
    expected: `a row optimizer for ${tables.join(', ')}`,
    received: 'none',
    fix: 'name a row optimizer: `++train.rowOptimizer.use=sign-sgd`; or remove the table from the model (puzzleEmbeddingDim: 0)',
    exitCode: 2,
  });
}

export function parameterUnused(names: readonly string[]): EddyError {
  return new EddyError({
    code: 'PARAMETER_UNUSED',
    message: 'the loss does not depend on every parameter of the model',
    at: names.join(', '),
    expected: 'a gradient for every parameter and table',
    received: 'no gradient for those named',
    fix: `use ${names.join(', ')} in step of the model, or move them from parameters to buffers`,
  });
}

export function freezeUnmatched(pattern: string, names: readonly string[]): EddyError {
  const near = nearest(pattern, names);
  return new EddyError({
    code: 'FREEZE_UNMATCHED',
    message: 'train.freeze matches no parameter or table of the model',
    at: 'train.freeze',
    expected: `names or patterns among ${names.join(', ')}`,
    received: pattern,
    fix:
      near === undefined
        ? `write one of these names, such as ${names[0]}`
        : `did you mean ${near}?`,
    exitCode: 2,
  });
}

export function nothingToTrain(tables: readonly string[]): EddyError {
  return new EddyError({
    code: 'NOTHING_TO_TRAIN',
    message: 'every parameter and table of the model is frozen',
    at: 'train.freeze',
    expected: 'at least one parameter or table that is trained',
    received: tables.length === 0 ? 'a model without tables, all frozen' : 'all frozen',
    fix:
      tables.length === 0
        ? 'freeze nothing, `~train.freeze`, or some of the parameters by their names; all is for models with a puzzle embedding'
        : 'freeze nothing, `~train.freeze`, or some of the parameters by their names',
    exitCode: 2,
  });
}
