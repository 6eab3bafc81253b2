/** A pipeline that trains in less than a second, and parts of it to change. */

/** @param changes  key of the line → what stands in its place; an empty text leaves it out */
export function tiny(changes: Readonly<Record<string, string>> = {}): string {
  return Object.entries({ ...LINES, ...changes })
    .filter(([, line]) => line !== '')
    .map(([, line]) => `${line}\n`)
    .join('');
}

const LINES = {
  name: 'name: p',
  build: 'build:',
  dataset: '  dataset: { use: sudoku, source: { generator: { size: 4, train: 8, test: 4 } } }',
  augment: '',
  train: 'train:',
  model:
    '  model: { use: trm, hiddenSize: 8, numHeads: 1, numLayers: 1, hCycles: 1, lCycles: 1, haltMaxSteps: 2, puzzleEmbeddingDim: 0 }',
  optimizer: '  optimizer: { use: adamw, learningRate: 1e-3, warmupSteps: 1 }',
  trainMore: '',
  size: '  globalBatchSize: 4',
  epochs: '  epochs: 2',
  interval: '  evalInterval: 2',
  evaluate: 'evaluate: { evaluators: [exact-accuracy] }',
  more: '',
  engine: 'engine: cpu',
  loggers: 'loggers: []',
};
