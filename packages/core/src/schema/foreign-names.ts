/** Names of options elsewhere (the reference, PyTorch, Hugging Face), and what they are called here. */

/** By the name in camel case: `lr` and `learning_rate` differ from ours in more than their spelling. */
const OURS: Readonly<Record<string, string>> = {
  lr: 'learningRate',
  baseLr: 'learningRate',
  lrMinRatio: 'minLearningRateRatio',
  lrWarmupSteps: 'warmupSteps',
  numWarmupSteps: 'warmupSteps',
  wd: 'weightDecay',
  eps: 'epsilon',
  adamEpsilon: 'epsilon',
  adamBeta1: 'beta1',
  adamBeta2: 'beta2',
  betas: 'beta1',
  batchSize: 'globalBatchSize',
  trainBatchSize: 'globalBatchSize',
  perDeviceTrainBatchSize: 'globalBatchSize',
  numEpochs: 'epochs',
  nEpochs: 'epochs',
  maxEpochs: 'epochs',
  numTrainEpochs: 'epochs',
  numSteps: 'maxSteps',
  totalSteps: 'maxSteps',
  gradientCheckpointing: 'recompute',
  ema: 'averager',
  emaRate: 'averager.rate',
  emaDecay: 'averager.rate',
  arch: 'model',
  network: 'model',
  optim: 'optimizer',
  dModel: 'hiddenSize',
  hiddenDim: 'hiddenSize',
  nEmbd: 'hiddenSize',
  nHead: 'numHeads',
  nHeads: 'numHeads',
  numAttentionHeads: 'numHeads',
  nLayer: 'numLayers',
  nLayers: 'numLayers',
  lLayers: 'numLayers',
  numHiddenLayers: 'numLayers',
  posEncodings: 'positionEncoding',
  puzzleEmbNdim: 'puzzleEmbeddingDim',
  puzzleEmbLr: 'rowOptimizer.learningRate',
  puzzleEmbWeightDecay: 'rowOptimizer.weightDecay',
  dataPath: 'build.dataset',
  dataPaths: 'build.dataset',
  device: 'engine',
  logger: 'loggers',
  resumeFromCheckpoint: 'loadCheckpoint',
};

/** The names that a key may have here, the likeliest first: itself, in camel case, and what it means elsewhere. */
export function knownNamesFor(key: string): readonly string[] {
  const camel = camelCase(key);
  const ours = Object.hasOwn(OURS, camel) ? [OURS[camel]!] : [];
  return [...new Set([...ours, key, camel])];
}

/** `H_cycles` → `hCycles`, `learning-rate` → `learningRate`. */
function camelCase(key: string): string {
  const joined = key.replace(/[_-]+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return joined.replace(/^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]/, (start) => start.toLowerCase());
}
