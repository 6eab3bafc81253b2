/** Trained weights at work: ask a model, average checkpoints, take weights over. Loads TF.js, which `./run` does not. */
export {
  averageCheckpoints,
  type AveragedCheckpoint,
  type AverageOptions,
} from './pipeline/average-checkpoints.ts';
export {
  importStateDict,
  type ImportedCheckpoint,
  type ImportOptions,
} from './pipeline/import-state-dict.ts';
export {
  openStoredModel,
  type StoredModel,
  type StoredModelOptions,
} from './pipeline/stored-model.ts';
export { predictPuzzles, type PredictOptions, type Prediction } from './pipeline/predict-puzzle.ts';
