/** Conformance suites, one per kind of plugin, for authors inside and outside this repository. */
export { optimizerSuite, type OptimizerSuite } from './optimizer-suite.ts';
export {
  drawingAugmentation,
  exampleMetadata,
  numberedExample,
  numberedGroups,
  splitOf,
} from './example-dataset.ts';
