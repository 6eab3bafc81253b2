/** Errors of the built-in stages. */
import { EddyError } from '@eddy/tensor/errors';

export function modelMissing(stage: string): EddyError {
  return new EddyError({
    code: 'MODEL_MISSING',
    message: 'the checkpoint does not record its model, and neither does the pipeline',
    at: `${stage}.model`,
    expected: 'the model that made the checkpoint',
    received: 'no model in this stage, in the pipeline or in the checkpoint',
    fix: `name the run of the checkpoint, whose config has the model, or the model with the options that it was trained with: \`++${stage}.model={use: NAME, OPTION: VALUE}\``,
    exitCode: 2,
  });
}

export function pluginsDiffer(facts: {
  readonly path: string;
  readonly differing: readonly {
    readonly part: string;
    readonly before: string;
    readonly now: string;
  }[];
}): EddyError {
  const list = (side: 'before' | 'now') =>
    facts.differing.map((one) => `${one.part} ${one[side]}`).join(', ');
  return new EddyError({
    code: 'PLUGINS_DIFFER',
    message: 'the training would continue with plugins other than those that made its checkpoint',
    at: facts.path,
    expected: list('before'),
    received: list('now'),
    fix: 'restore them (files of your own are kept in `sources/` of the run), or continue with the current ones: `--allow-other-plugins`',
    exitCode: 2,
  });
}

export function optionsDiffer(facts: {
  readonly path: string;
  readonly differing: readonly {
    readonly path: string;
    readonly before: string;
    readonly now: string;
  }[];
}): EddyError {
  const list = (side: 'before' | 'now') =>
    facts.differing.map((one) => `${one.path} ${one[side]}`).join(', ');
  return new EddyError({
    code: 'OPTIONS_DIFFER',
    message: 'the training would continue with other options than those that made its checkpoint',
    at: facts.path,
    expected: list('before'),
    received: list('now'),
    fix: 'put the old values back into config.yml of the run and, if you want others from here on, give them as overrides of `resume`; or accept these: `--allow-other-options`',
    exitCode: 2,
  });
}

export function trainingMissing(stage: string): EddyError {
  return new EddyError({
    code: 'TRAINING_MISSING',
    message: `the run starts after stage ${stage}, but no run has finished this training`,
    at: stage,
    expected: 'a finished training with the same options, data and code (`pipeline why` compares)',
    received: 'none',
    fix: `train first, \`--from ${stage}\` in place of this one, or evaluate what another run has trained: \`pipeline evaluate RUN\``,
    exitCode: 2,
  });
}

/** What to do where nothing was held out to choose by. */
export const HOLD_OUT_FIX =
  'hold a tenth of the training puzzles out as that split: `build.validation=0.1`';

export function monitorSplitMissing(facts: {
  readonly stage: string;
  readonly split: string;
  readonly present: readonly string[];
}): EddyError {
  const { stage, split, present } = facts;
  return new EddyError({
    code: 'MONITOR_SPLIT_MISSING',
    message: `${stage}.monitor watches the split ${split}, which the data does not have`,
    at: `${stage}.monitor.split`,
    expected: `one of ${present.join(', ')}`,
    received: split,
    fix:
      split === 'validation'
        ? HOLD_OUT_FIX
        : `name one of these splits: \`${stage}.monitor.split=${present.find((name) => name !== 'train') ?? present[0]}\``,
    exitCode: 2,
  });
}
