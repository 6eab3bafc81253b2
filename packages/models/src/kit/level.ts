// Shape suffixes: L = positions, B = batch, D = hidden size, K = head dim.
import { recomputable, type TensorTree } from '@eddy/tensor';
import { split, tensor2d, type Tensor } from '@tensorflow/tfjs-core';

import { block, type BlockWeights } from '../nn/block.ts';
import { rotaryTables, type RotaryTables } from '../nn/rope.ts';
import { swigluWidth, type SwigluWeights } from '../nn/swiglu.ts';
import {
  linearWeight,
  rowsWeight,
  type ParameterDeclaration,
  type Parameters,
} from './parameters.ts';
import { headDim } from './sizes.ts';

/** Sizes and kind of the blocks of a network. */
export interface BlockShape {
  readonly hiddenSize: number;
  readonly numHeads: number;
  readonly expansion: number;
  /** Mix positions by a SwiGLU over them in place of attention. */
  readonly mlpT: boolean;
  readonly positionEncoding: 'rope' | 'learned' | 'none';
  readonly ropeTheta: number;
  readonly rmsNormEpsilon: number;
  readonly numPositions: number;
}

export interface LevelOptions {
  /** Prefix of its parameters: `<name>/<layer>/…`. */
  readonly name: string;
  /** Prefix of its parameters in PyTorch, where there is one: `<reference>.layers.<layer>.…`. */
  readonly reference?: string;
  readonly numLayers: number;
  readonly blocks: BlockShape;
}

/**
 * Blocks in a row, the network f that a recursive model applies again and again:
 *
 *   numLayers × x ← norm(x + mix(x)); x ← norm(x + SwiGLU(x))
 *
 * with `mix` attention, or a SwiGLU over the positions where `mlpT` is set. Parameters of a layer:
 * `attention/qkv` [D, 3A] and `attention/output` [A, D], or `tokenMixer/gateUp` [2I, L] and
 * `tokenMixer/down` [L, I]; `mlp/gateUp` [D, 2I] and `mlp/down` [I, D].
 *
 * @source arXiv:2510.04871, section 4.5 and figure 1
 * @reference models/recursive_reasoning/trm.py `TinyRecursiveReasoningModel_ACTV1ReasoningModule`
 */
export class Level {
  readonly parameters: Parameters;
  readonly #options: LevelOptions;
  readonly #rotary: RotaryTables | undefined;

  constructor(options: LevelOptions) {
    this.#options = options;
    const { blocks, name, reference, numLayers } = options;
    const layers = Array.from({ length: numLayers }, (_, layer) =>
      blockParameters(blocks, `${name}/${layer}`, reference && `${reference}.layers.${layer}`),
    );
    this.parameters = Object.assign({}, ...layers) as Parameters;
    const rotates = !blocks.mlpT && blocks.positionEncoding === 'rope';
    this.#rotary = rotates
      ? rotaryTables(blocks.numPositions, headDim(blocks), blocks.ropeTheta)
      : undefined;
  }

  /**
   * The blocks with their weights: bound once a step, applied many times.
   *
   * @returns f: [L, B, D] → [L, B, D]
   */
  bind(parameters: TensorTree): (x_LBD: Tensor) => Tensor {
    const constants = this.#constants();
    const layers = Array.from({ length: this.#options.numLayers }, (_, layer) => ({
      ...this.#weights(parameters, layer),
      ...constants,
    }));
    return (x_LBD) =>
      layers.reduce(
        (x, weights) => recomputable(x, weights, (input, tensors) => this.#apply(input, tensors)),
        x_LBD,
      );
  }

  /** One block. */
  #apply(x_LBD: Tensor, tensors: TensorTree): Tensor {
    const { numHeads, rmsNormEpsilon } = this.#options.blocks;
    const rotary =
      this.#rotary === undefined
        ? {}
        : { rotary: { cos_LK: tensors['rotary/cos']!, sin_LK: tensors['rotary/sin']! } };
    return block(x_LBD, blockWeights(tensors), { numHeads, rmsNormEpsilon, ...rotary });
  }

  /** Weights of a layer by what they are in it. Gates and ups are cut apart here, once a step. */
  #weights(parameters: TensorTree, layer: number): TensorTree {
    const weight = (name: string) => parameters[`${this.#options.name}/${layer}/${name}`]!;
    const swiglu = (name: string, innerAxis: number): TensorTree => {
      const [gate, up] = split(weight(`${name}/gateUp`), 2, innerAxis) as [Tensor, Tensor];
      return {
        [`${name}/gate`]: gate,
        [`${name}/up`]: up,
        [`${name}/down`]: weight(`${name}/down`),
      };
    };
    const mlp = swiglu('mlp', 1);
    if (this.#options.blocks.mlpT) return { ...mlp, ...swiglu('tokenMixer', 0) };
    const names = ['attention/qkv', 'attention/output'];
    return { ...mlp, ...Object.fromEntries(names.map((name) => [name, weight(name)])) };
  }

  #constants(): TensorTree {
    if (this.#rotary === undefined) return {};
    const { blocks } = this.#options;
    const shape: [number, number] = [blocks.numPositions, headDim(blocks)];
    return {
      'rotary/cos': tensor2d(this.#rotary.cos, shape),
      'rotary/sin': tensor2d(this.#rotary.sin, shape),
    };
  }
}

function blockWeights(tensors: TensorTree): BlockWeights {
  const swiglu = (name: string): SwigluWeights => ({
    gate: tensors[`${name}/gate`]!,
    up: tensors[`${name}/up`]!,
    down: tensors[`${name}/down`]!,
  });
  const mlp = swiglu('mlp');
  if ('tokenMixer/gate' in tensors) return { mlp, tokenMixer: swiglu('tokenMixer') };
  return {
    mlp,
    attention: { qkv_DE: tensors['attention/qkv']!, output_AD: tensors['attention/output']! },
  };
}

function blockParameters(
  blocks: BlockShape,
  at: string,
  reference: string | undefined,
): Parameters {
  const { hiddenSize: D, numHeads, numPositions: L, expansion } = blocks;
  const inner = swigluWidth(D, expansion);
  const theirs = (layer: string) => reference && `${reference}.${layer}`;
  const parameters: Record<string, ParameterDeclaration> = {};
  if (blocks.mlpT) {
    const tokenInner = swigluWidth(L, expansion);
    const gateUp = rowsWeight(L, 2 * tokenInner, theirs('mlp_t.gate_up_proj'));
    parameters[`${at}/tokenMixer/gateUp`] = gateUp;
    parameters[`${at}/tokenMixer/down`] = rowsWeight(tokenInner, L, theirs('mlp_t.down_proj'));
  } else {
    const heads = numHeads * headDim(blocks);
    parameters[`${at}/attention/qkv`] = linearWeight(D, 3 * heads, theirs('self_attn.qkv_proj'));
    parameters[`${at}/attention/output`] = linearWeight(heads, D, theirs('self_attn.o_proj'));
  }
  parameters[`${at}/mlp/gateUp`] = linearWeight(D, 2 * inner, theirs('mlp.gate_up_proj'));
  parameters[`${at}/mlp/down`] = linearWeight(inner, D, theirs('mlp.down_proj'));
  return parameters;
}
