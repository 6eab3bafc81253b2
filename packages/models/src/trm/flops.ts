import { swigluWidth } from '../nn/swiglu.ts';
import { puzzlePrefix, type TrmConfig } from './config.ts';
import type { TrmDataset } from './parameters.ts';

/** Products of a backward pass for each of the forward pass: one for the input, one for the weight. */
const BACKWARD = 2;

/**
 * Operations in the matrix products of one training step, a multiply and an add counting as two.
 *
 * Every block call forward: hCycles·(lCycles + 1)·numLayers; backward: those of the last cycle.
 */
export function trainingFlops(config: TrmConfig, dataset: TrmDataset, batchSize: number): number {
  const { hiddenSize: D, hCycles, lCycles, numLayers, expansion } = config;
  const { vocabSize: V, seqLen: S } = dataset;
  const B = batchSize;
  const L = puzzlePrefix(config).length + S;

  const channelMlp = 2 * L * B * 3 * D * swigluWidth(D, expansion);
  const mixing = config.mlpT
    ? 2 * B * D * 3 * L * swigluWidth(L, expansion)
    : 2 * L * B * 4 * D * D + 2 * 2 * B * L * L * D;
  const callsPerCycle = (lCycles + 1) * numLayers;
  const calls = (hCycles + BACKWARD) * callsPerCycle;
  const extraPass = config.noActContinue ? 0 : hCycles * callsPerCycle;

  const embedding = 2 * 2 * S * B * V * D;
  const lmHead = (1 + BACKWARD) * 2 * S * B * V * D;
  return (calls + extraPass) * (channelMlp + mixing) + embedding + lmHead;
}
