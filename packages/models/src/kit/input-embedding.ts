// Shape suffixes: L = positions (prefix and tokens), P = prefix, S = tokens, B = batch,
// D = hidden size, N = S·B; R = length of a puzzle's row.
import { bfloat16, type TensorTree } from '@eddy/tensor';
import {
  add,
  concat,
  mul,
  pad,
  reshape,
  transpose,
  zeros,
  type Rank,
  type Tensor,
} from '@tensorflow/tfjs-core';

import { embed } from '../nn/embedding.ts';
import { castWeight } from '../nn/linear.ts';
import type { Embedding } from './contract.ts';
import { embeddingWeight, type Parameters, type TableDeclaration } from './parameters.ts';
import { NO_PREFIX, type DatasetSizes, type PuzzlePrefix } from './sizes.ts';

/** Name of the table whose rows are the puzzles' vectors. */
export const PUZZLE_TABLE = 'puzzleEmbedding';

export interface InputEmbeddingOptions {
  readonly hiddenSize: number;
  readonly dataset: DatasetSizes;
  /** Where the puzzle's vector goes; without it there is no puzzle embedding. */
  readonly prefix?: PuzzlePrefix;
  /** Adds a learned vector for each position. */
  readonly learnedPositions?: boolean;
}

/**
 * X: the puzzle's vector in a prefix, then the tokens' embeddings, scaled by √D.
 *
 *   X = √D · concat(puzzle row cut into positions, E[tokens]), with learned positions
 *   X = √D · (concat(…) + E_pos) / √2
 *
 * Parameters: `embedTokens` [V, D], with learned positions `embedPositions` [L, D]; table
 * `puzzleEmbedding` [identifiers, R] where the prefix holds one.
 *
 * @reference models/recursive_reasoning/trm.py `_input_embeddings`
 */
export class InputEmbedding implements Embedding {
  readonly parameters: Parameters;
  readonly tables: Readonly<Record<string, TableDeclaration>>;
  readonly numPositions: number;
  readonly #options: Required<InputEmbeddingOptions>;

  constructor(options: InputEmbeddingOptions) {
    const { hiddenSize: D, dataset, prefix = NO_PREFIX, learnedPositions = false } = options;
    this.#options = { hiddenSize: D, dataset, prefix, learnedPositions };
    this.numPositions = prefix.length + dataset.seqLen;
    this.parameters = {
      embedTokens: embeddingWeight(dataset.vocabSize, D, 'embed_tokens'),
      ...(learnedPositions
        ? { embedPositions: embeddingWeight(this.numPositions, D, 'embed_pos') }
        : {}),
    };
    const table: TableDeclaration = {
      rows: dataset.numPuzzleIdentifiers,
      dim: prefix.dim,
      init: { kind: 'constant', value: 0 },
      reference: { name: 'puzzle_emb.weights', transposed: false },
    };
    this.tables = prefix.dim === 0 ? {} : { [PUZZLE_TABLE]: table };
  }

  embed(parameters: TensorTree, inputs_BS: Tensor, row_BR: Tensor | undefined): Tensor {
    const [B, S] = inputs_BS.shape as [number, number];
    const { hiddenSize: D, learnedPositions } = this.#options;
    const tokens_N = reshape<Rank.R1>(transpose(inputs_BS), [S * B]);
    const embedded_ND = embed(tokens_N, parameters['embedTokens']!);
    const tokens_SBD = reshape(embedded_ND, [S, B, D]);
    let x_LBD =
      row_BR === undefined ? tokens_SBD : concat([...this.#prefixParts(row_BR), tokens_SBD], 0);
    if (learnedPositions) {
      const positions_LD = castWeight(parameters['embedPositions']!);
      // 1/√2 keeps the variance of the sum of two embeddings.
      const sum = add(x_LBD, reshape(positions_LD, [this.numPositions, 1, D]));
      x_LBD = mul(bfloat16(sum), Math.SQRT1_2);
    }
    return bfloat16(mul(x_LBD, Math.sqrt(D)));
  }

  /** The row cut into positions of D, the last filled up with zeros, then positions of zeros. */
  #prefixParts(row_BR: Tensor): Tensor[] {
    const { hiddenSize: D, prefix } = this.#options;
    const [B, R] = row_BR.shape as [number, number];
    const used = Math.ceil(R / D);
    const row = castWeight(row_BR);
    const filled =
      used * D === R
        ? row
        : pad(row, [
            [0, 0],
            [0, used * D - R],
          ]);
    const held_PBD = transpose(reshape(filled, [B, used, D]), [1, 0, 2]);
    const rest = prefix.length - used;
    return rest === 0 ? [held_PBD] : [held_PBD, zeros([rest, B, D])];
  }
}
