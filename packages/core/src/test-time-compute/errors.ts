/** Errors of test-time compute. */
import { EddyError } from '@eddy/tensor/errors';

export function augmentationMissing(stage: string): EddyError {
  return new EddyError({
    code: 'AUGMENTATION_MISSING',
    message: 'views of a puzzle are made by an augmentation, and there is none',
    at: stage,
    expected: 'an augmentation, of this stage or of the stage that augments its data',
    received: 'views above 1',
    fix: `name one: ${stage}.augmentation, or take views out of ${stage}.sweep`,
    exitCode: 2,
  });
}

export function augmentationNotInvertible(stage: string, name: string): EddyError {
  return new EddyError({
    code: 'AUGMENTATION_NOT_INVERTIBLE',
    message: `the answer to a version that ${name} made can't be turned back`,
    at: stage,
    expected: 'an augmentation with invert',
    received: name,
    fix: `give ${name} an invert, or take views out of ${stage}.sweep`,
    exitCode: 2,
  });
}

export function viewsTooMany(
  stage: string,
  name: string,
  views: number,
  numVersions: number,
): EddyError {
  return new EddyError({
    code: 'VIEWS_TOO_MANY',
    message: `${name} makes too few versions of a puzzle`,
    at: stage,
    expected: `at most ${1 + numVersions} views: the puzzle and its ${numVersions} versions`,
    received: `${views} views`,
    fix: `lower views in ${stage}.sweep, or raise numVersions of ${name} where it has that option`,
    exitCode: 2,
  });
}

export function latentUnknown(stage: string, name: string, known: readonly string[]): EddyError {
  return new EddyError({
    code: 'LATENT_UNKNOWN',
    message: `the model carries no latent ${name}`,
    at: `${stage}.latents`,
    expected: `some of ${known.join(', ')}`,
    received: name,
    fix: `name latents of the model in ${stage}.latents, or leave it out for all of them`,
    exitCode: 2,
  });
}

export function outputNotChosen(
  stage: string,
  what: string,
  missing: readonly string[],
): EddyError {
  return new EddyError({
    code: 'OUTPUT_NOT_CHOSEN',
    message: `${what} and test-time compute don't share the outputs they need`,
    at: stage,
    expected: 'preds and q_halt_logits',
    received: `${missing.join(', ')} missing`,
    fix: `take ${what} out of ${stage}, or measure it in stage evaluate`,
    exitCode: 2,
  });
}
