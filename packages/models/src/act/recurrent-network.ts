import type { TensorTree } from '@eddy/tensor';
import type { Tensor } from '@tensorflow/tfjs-core';

import type { Declarations } from '../network/declaration.ts';

/** Latents by name, [L, B, D] each: what a row thinks, carried from step to step. */
export type Latents = Readonly<Record<string, Tensor>>;

/** What tells one recursive model from another: its latents and how a step renews them. */
export interface RecurrentNetwork {
  readonly declarations: Declarations;
  /** Each latent, and the buffer that it starts from: drawn once, never trained. */
  readonly latents: Readonly<Record<string, string>>;
  /** The latent that the heads read. */
  readonly answer: string;

  /**
   * One supervision step.
   *
   * @param x_LBD  the embedded input.
   */
  recur(parameters: TensorTree, x_LBD: Tensor, latents: Latents): Latents;

  /**
   * Operations in the matrix products of one step's forward pass, a multiply and an add counting as
   * two, and how many of them the backward pass differentiates.
   */
  flops(batchSize: number): { readonly forward: number; readonly differentiated: number };
}
