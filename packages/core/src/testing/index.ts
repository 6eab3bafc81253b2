/** Conformance suites, one per kind of plugin, for authors inside and outside this repository. */
export { withTemporaryFolder } from '../files/temporary-folder.ts';
export { engineSuite } from './engine-suite.ts';
export {
  modelEngineSuite,
  modelSuite,
  type ModelEngineSuite,
  type ModelSuite,
} from './model-suite.ts';
export { stepProgram, type StepProgramOptions } from './step-program.ts';
export { optimizerSuite, type OptimizerSuite } from './optimizer-suite.ts';
export { rowOptimizerSuite, type RowOptimizerSuite } from './row-optimizer-suite.ts';
export { averagerSuite, type AveragerSuite } from './averager-suite.ts';
export {
  drawingAugmentation,
  exampleMetadata,
  numberedExample,
  numberedGroups,
  splitOf,
} from './example-dataset.ts';
export { eagerEngine } from './eager-engine.ts';
export { toyModel } from './toy-model.ts';
export { halfAverage, momentum, signDescent } from './toy-parts.ts';
export { exampleRun } from './example-run.ts';
export { artifactsOf, exampleDataset, exampleStageServices } from './example-stage.ts';
export { stageSuite, type StageSuite } from './stage-suite.ts';
export { loggerSuite } from './logger-suite.ts';
export { datasetSuite, type DatasetSuite } from './dataset-suite.ts';
export { augmentationSuite, type AugmentationSuite } from './augmentation-suite.ts';
export { evaluatorSuite, type EvaluatedRow, type EvaluatorSuite } from './evaluator-suite.ts';
export { pluginSuite, type PluginSuite } from './plugin-suite.ts';
export { failure } from './failure.ts';
export { freshFolder, sharedFolder } from './fresh-folder.ts';
