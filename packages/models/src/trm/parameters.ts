/** Names, shapes and initial values of what TRM learns or stores, and how a step finds them. */
import type { ParameterSpec, TableSpec, TensorTree } from '@eddy/core';

import { split, type Tensor } from '@tensorflow/tfjs-core';

import type { BlockWeights } from '../nn/block.ts';
import { swigluWidth, type SwigluWeights } from '../nn/swiglu.ts';
import { puzzlePrefix, type TrmConfig } from './config.ts';

/** What TRM must know of the data. */
export interface TrmDataset {
  readonly vocabSize: number;
  readonly seqLen: number;
  readonly numPuzzleIdentifiers: number;
}

type Parameters = Record<string, ParameterSpec>;

/**
 * Trained parameters. Weights that mix channels are [in, out], those that mix positions [out, in]:
 * each stands on the side of the product where it needs no transpose.
 */
export function trmParameters(config: TrmConfig, dataset: TrmDataset): Parameters {
  const { hiddenSize: D, numLayers, expansion } = config;
  const { vocabSize: V, seqLen: S } = dataset;
  const L = puzzlePrefix(config).length + S;
  const parameters: Parameters = {
    embedTokens: normal([V, D], D),
    ...(config.positionEncoding === 'learned' ? { embedPositions: normal([L, D], D) } : {}),
  };
  const inner = swigluWidth(D, expansion);
  const tokenInner = swigluWidth(L, expansion);
  for (let layer = 0; layer < numLayers; layer++) {
    const at = `layers/${layer}`;
    if (config.mlpT) {
      parameters[`${at}/tokenMixer/gateUp`] = normal([2 * tokenInner, L], L);
      parameters[`${at}/tokenMixer/down`] = normal([L, tokenInner], tokenInner);
    } else {
      parameters[`${at}/attention/qkv`] = normal([D, 3 * D], D);
      parameters[`${at}/attention/output`] = normal([D, D], D);
    }
    parameters[`${at}/mlp/gateUp`] = normal([D, 2 * inner], D);
    parameters[`${at}/mlp/down`] = normal([inner, D], inner);
  }
  parameters['lmHead'] = normal([D, V], D);
  // Weight 0 and bias −5: no row halts until the head has learned something.
  parameters['qHead/weight'] = { shape: [D, 2], init: { kind: 'constant', value: 0 } };
  parameters['qHead/bias'] = { shape: [2], init: { kind: 'constant', value: -5 } };
  return parameters;
}

/** Start values of the latents: drawn once, never trained. */
export function trmBuffers(config: TrmConfig): Parameters {
  const start: ParameterSpec = {
    shape: [config.hiddenSize],
    init: { kind: 'truncated-normal', std: 1 },
  };
  return { H_init: start, L_init: start };
}

export function trmTables(config: TrmConfig, dataset: TrmDataset): Record<string, TableSpec> {
  const { dim } = puzzlePrefix(config);
  if (dim === 0) return {};
  const init = { kind: 'constant', value: 0 } as const;
  return { puzzleEmbedding: { rows: dataset.numPuzzleIdentifiers, dim, init } };
}

/** The weights of every block; gate and up cut apart once a step. */
export function blockWeights(config: TrmConfig, parameters: TensorTree): BlockWeights[] {
  const weight = (name: string) => parameters[name]!;
  const swigluWeights = (name: string, innerAxis: number): SwigluWeights => {
    const [gate, up] = split(weight(`${name}/gateUp`), 2, innerAxis) as [Tensor, Tensor];
    return { gate, up, down: weight(`${name}/down`) };
  };
  return Array.from({ length: config.numLayers }, (_, layer) => {
    const at = `layers/${layer}`;
    const mlp = swigluWeights(`${at}/mlp`, 1);
    if (config.mlpT) return { mlp, tokenMixer: swigluWeights(`${at}/tokenMixer`, 0) };
    const qkv_DE = weight(`${at}/attention/qkv`);
    return { mlp, attention: { qkv_DE, output_DD: weight(`${at}/attention/output`) } };
  });
}

/** Truncated normal with standard deviation 1/√fanIn. */
function normal(shape: readonly number[], fanIn: number): ParameterSpec {
  return { shape, init: { kind: 'truncated-normal', std: 1 / Math.sqrt(fanIn) } };
}
