import { expect, it } from 'vitest';
import { z } from 'zod';

import { misplacedKeyFix } from './misplaced-keys.ts';

const number = z.number().optional();
const optimizer = z.strictObject({
  learningRate: number,
  weightDecay: number,
  warmupSteps: number,
});
const places = [
  { path: [], schema: z.strictObject({ seed: number, engine: number, loggers: number }) },
  { path: ['build'], schema: z.strictObject({ dataset: number }) },
  { path: ['build', 'dataset'], schema: z.strictObject({ seed: number }) },
  {
    path: ['train'],
    schema: z.strictObject({
      model: number,
      optimizer: number,
      averager: number,
      globalBatchSize: number,
      epochs: number,
      maxSteps: number,
      evalInterval: number,
    }),
  },
  {
    path: ['train', 'model'],
    schema: z.strictObject({ hiddenSize: number, hCycles: number, numHeads: number }),
  },
  { path: ['train', 'optimizer'], schema: optimizer },
  { path: ['train', 'rowOptimizer'], schema: optimizer },
  { path: ['train', 'averager'], schema: z.strictObject({ rate: number }) },
  { path: ['evaluate'], schema: z.strictObject({ batchSize: number }) },
];

it.each([
  // Ours, at another level.
  ['train.hiddenSize', 'hiddenSize belongs to train.model: write train.model.hiddenSize'],
  ['hiddenSize', 'hiddenSize belongs to train.model: write train.model.hiddenSize'],
  ['train.model.epochs', 'epochs belongs to train: write train.epochs'],
  [
    'train.model.learningRate',
    'learningRate belongs to train.optimizer: write train.optimizer.learningRate',
  ],
  ['evaluate.epochs', 'epochs belongs to train: write train.epochs'],
  ['train.loggers', 'loggers belongs at the top level of the file'],
  // A seed of its own has the dataset; a training has none.
  ['train.seed', 'seed belongs at the top level of the file'],
  // The reference's, PyTorch's and Hugging Face's.
  ['train.lr', 'it is called train.optimizer.learningRate here'],
  ['lr', 'it is called train.optimizer.learningRate here'],
  ['train.optimizer.lr', 'it is called train.optimizer.learningRate here'],
  ['train.rowOptimizer.lr', 'it is called train.rowOptimizer.learningRate here'],
  ['train.optimizer.learning_rate', 'it is called train.optimizer.learningRate here'],
  ['train.optimizer.weight_decay', 'it is called train.optimizer.weightDecay here'],
  ['train.weight_decay', 'it is called train.optimizer.weightDecay here'],
  ['train.lr_warmup_steps', 'it is called train.optimizer.warmupSteps here'],
  ['train.puzzle_emb_lr', 'it is called train.rowOptimizer.learningRate here'],
  ['train.batch_size', 'it is called train.globalBatchSize here'],
  ['train.batchSize', 'it is called train.globalBatchSize here'],
  ['train.global_batch_size', 'it is called train.globalBatchSize here'],
  ['train.per_device_train_batch_size', 'it is called train.globalBatchSize here'],
  ['train.num_train_epochs', 'it is called train.epochs here'],
  ['train.eval_interval', 'it is called train.evalInterval here'],
  ['train.max_steps', 'it is called train.maxSteps here'],
  ['train.ema', 'it is called train.averager here'],
  ['ema', 'it is called train.averager here'],
  ['train.ema_rate', 'it is called train.averager.rate here'],
  ['train.model.H_cycles', 'it is called train.model.hCycles here'],
  ['train.H_cycles', 'it is called train.model.hCycles here'],
  ['train.model.hidden_size', 'it is called train.model.hiddenSize here'],
  ['train.model.num_attention_heads', 'it is called train.model.numHeads here'],
  ['arch', 'it is called train.model here'],
  ['data_paths', 'it is called build.dataset here'],
  ['train.nonsense', undefined],
])('%s: %s', (key, fix) => {
  expect(misplacedKeyFix(key.split('.'), places)).toBe(fix);
});
