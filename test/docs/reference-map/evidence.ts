/** Tests that the reference map points at: a file, and words of a test in it. */
export type Evidence = readonly [file: string, words: string];

const source = (file: string) => (words: string) => [`packages/${file}.test.ts`, words] as const;
const spanning = (file: string) => (words: string) => [`test/${file}.ts`, words] as const;

/** A case of the reference's own numbers. */
export const parity = (file: string, name: string): Evidence => [
  `test/parity/cases/${file}.ts`,
  name,
];

export const translated = source('interop/src/reference/translate');
export const translatedScript = source('interop/src/reference/script');
export const trainer = source('core/src/train/session/trainer');
export const trainerResume = source('core/src/train/session/trainer-resume');
export const stages = source('core/src/stages/train-evaluate');
export const testTimeCompute = source('core/src/stages/test-time-compute');
export const frozen = source('core/src/train/step/frozen');
export const tableRows = source('core/src/train/weights/table-rows');
export const sampler = source('core/src/data/sampler');
export const evaluationBatches = source('core/src/data/evaluation-batches');
export const sudoku = source('datasets/src/sudoku/sudoku');
export const arc = source('datasets/src/arc/arc');
export const hub = source('datasets/src/files/hub-file');
export const combined = source('datasets/src/combined/combined');
export const referenceFolder = source('datasets/src/reference-folder/reference-folder');
export const evaluators = source('evaluators/src/evaluators');
export const arcEvaluators = source('evaluators/src/arc');
export const wandb = source('loggers/src/wandb/wandb');
export const trm = source('models/src/trm/trm');
export const hier6 = source('models/src/trm-hier6/trm-hier6');
export const transformer = source('models/src/transformer/transformer');
export const losses = source('models/src/losses/losses');
export const schedule = source('optimizers/src/schedule/schedule');
export const signSgd = source('optimizers/src/sign-sgd/sign-sgd');
export const ema = source('optimizers/src/ema/ema');

export const fromReference = spanning('e2e/from-reference.e2e');
export const runCommand = spanning('e2e/run.e2e');
export const exchange = spanning('e2e/exchange.e2e');
export const arcPipeline = spanning('e2e/arc.e2e');
export const evaluation = spanning('e2e/evaluation.e2e');
export const runs = spanning('e2e/runs.e2e');
export const faults = spanning('faults/training.faults');
export const trackers = spanning('interop/trackers.test');
