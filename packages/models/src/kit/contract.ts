// Shape suffixes: L = positions (prefix and tokens), S = tokens, B = batch, D = hidden size,
// V = vocabulary, R = length of a puzzle's row.
/** The three parts of a recursive model: embedding, recurrent network, readout. */
import type { Initializer } from '@eddy/core';
import type { TensorTree } from '@eddy/tensor';
import type { Tensor } from '@tensorflow/tfjs-core';

import type { Parameters, TableDeclaration } from './parameters.ts';

/** Turns the tokens of a batch into X, the input of the network. */
export interface Embedding {
  /** What it trains, by name; no two parts of a model may use one name. */
  readonly parameters: Parameters;
  /** Tables of which a step touches the rows of its batch; only `puzzleEmbedding` is looked up. */
  readonly tables?: Readonly<Record<string, TableDeclaration>>;
  /** L: positions of X, a prefix of any length before the tokens. */
  readonly numPositions: number;

  /**
   * @param parameters  all parameters of the model, by name.
   * @param inputs_BS  int32 tokens in [0, V).
   * @param row_BR  the rows of table `puzzleEmbedding`; undefined without that table.
   * @returns X_LBD, sequence first.
   */
  embed(parameters: TensorTree, inputs_BS: Tensor, row_BR: Tensor | undefined): Tensor;
}

/** A latent: a tensor [positions, B, width] that a slot carries from one supervision step to the next. */
export interface Latent {
  /** Name of the buffer that it starts from, [width], saved and not trained; `<latent>_start` by default. */
  readonly start?: string;
  /** First values of that buffer; by default a truncated normal of standard deviation 1. */
  readonly init?: Initializer;
  /** L by default. */
  readonly positions?: number;
  /** D by default. */
  readonly width?: number;
  /** What the buffer is called in an implementation in PyTorch, where there is one. */
  readonly reference?: string;
}

/** The values of latents by name, [positions, B, width] each. */
export type Latents<N extends string = string> = Readonly<Record<N, Tensor>>;

/**
 * The recursion: which latents there are, and how one supervision step renews them.
 *
 * This is what tells one recursive model from another. `recur` must be pure TF.js code: no reading of
 * values, no random numbers, no clock. What is computed inside `noGradient` (or in all but the last
 * cycle of `cycles`) has no gradient.
 */
export interface RecurrentNetwork<N extends string = string> {
  /** What it trains, by name; no two parts of a model may use one name. */
  readonly parameters: Parameters;
  readonly latents: Readonly<Record<N, Latent>>;
  /** The latent that the readout reads; it has shape [L, B, D]. */
  readonly answer: NoInfer<N>;

  /**
   * One supervision step.
   *
   * @param parameters  all parameters of the model, by name.
   * @param x_LBD  the embedded input.
   * @returns each latent, in the shape that it was given.
   */
  recur(parameters: TensorTree, x_LBD: Tensor, latents: Latents<N>): Latents<N>;
}

/**
 * Declares a network: returns its argument, with the names of the latents inferred, so that `recur`
 * sees them typed.
 *
 * @example
 * const level = new Level({ name: 'layers', numLayers: 2, blocks });
 * return recurrentNetwork({
 *   parameters: level.parameters,
 *   latents: { z: {} },
 *   answer: 'z',
 *   recur: (parameters, x, { z }) => ({ z: level.bind(parameters)(addLatents(z, x)) }),
 * });
 */
export function recurrentNetwork<N extends string>(
  network: RecurrentNetwork<N>,
): RecurrentNetwork<N> {
  return network;
}

/** Reads the answer, and how sure the model is of it, from a latent. */
export interface Readout {
  /** What it trains, by name; no two parts of a model may use one name. */
  readonly parameters: Parameters;
  /** True if `read` gives halting values; without them every row runs to the last step. */
  readonly halts: boolean;

  /** @param z_LBD  the network's answer. */
  read(parameters: TensorTree, z_LBD: Tensor): Readings;
}

/** What is read from the answer. */
export interface Readings {
  /** Logits of every token. */
  readonly logits_SBV: Tensor;
  /** Logits of halting and of going on; absent in a readout that does not halt. */
  readonly halting?: HaltingValues;
}

export interface HaltingValues {
  /** Above 0 the model judges its answer correct. */
  readonly qHalt_B: Tensor;
  readonly qContinue_B: Tensor;
}
