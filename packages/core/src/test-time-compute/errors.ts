/** Errors of test-time compute. */
import { EddyError } from '@eddy/tensor/errors';

export function augmentationMissing(stage: string): EddyError {
  return new EddyError({
    code: 'AUGMENTATION_MISSING',
    message: 'views of a puzzle need an augmentation, and there is none',
    at: stage,
    expected: 'an augmentation, of this stage or of the stage that augments its data',
    received: 'views above 1',
    fix: `name one that makes versions of these puzzles, \`++${stage}.augmentation.use=NAME\` (\`pipeline plugins augmentation\` lists them), or take views out of ${stage}.sweep`,
    exitCode: 2,
  });
}

export function augmentationNotInvertible(stage: string, name: string): EddyError {
  return new EddyError({
    code: 'AUGMENTATION_NOT_INVERTIBLE',
    message: `the answer to a version that ${name} made cannot be mapped back`,
    at: stage,
    expected: 'an augmentation with invert',
    received: name,
    fix: `take views out of ${stage}.sweep, or give the plugin ${name} an invert`,
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
    fix: `ask for at most ${1 + numVersions} views in ${stage}.sweep, or raise numVersions of ${name} where it has that option`,
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
    fix: `take all latents of the model, \`~${stage}.latents\`, or name some of ${known.join(', ')}`,
    exitCode: 2,
  });
}

/** The model has no halting values, and a setting needs them. */
export function haltingMissing(stage: string, received: string, fix: string): EddyError {
  return new EddyError({
    code: 'HALTING_MISSING',
    message: 'the model has no halting values (q_halt_logits), so its answers cannot be ranked',
    at: `${stage}.sweep`,
    expected: 'settings that need no halting values',
    received,
    fix,
    exitCode: 2,
  });
}

/** Several trajectories differ by noise on latents, and the model carries none. */
export function latentsMissing(stage: string): EddyError {
  return new EddyError({
    code: 'LATENTS_MISSING',
    message: 'trajectories differ by noise on the latents, but the model has no latents',
    at: `${stage}.sweep`,
    expected: 'a model with latents, or one trajectory',
    received: 'trajectories above 1',
    fix: `set trajectories: 1 in ${stage}.sweep; views of a puzzle need no latents`,
    exitCode: 2,
  });
}

export function outputNotChosen(
  stage: string,
  what: string,
  missing: readonly string[],
  available: readonly string[],
): EddyError {
  return new EddyError({
    code: 'OUTPUT_NOT_CHOSEN',
    message: `${what} needs an output that test-time compute does not have`,
    at: stage,
    expected: `only ${available.join(', ')}`,
    received: missing.join(', '),
    fix: `take ${what} out of ${stage}, or use it in stage evaluate`,
    exitCode: 2,
  });
}
