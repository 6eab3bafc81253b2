// Shape suffixes: L = positions, B = batch, D = hidden size, K = head dim.
import { recomputable, type TensorTree } from '@eddy/tensor';
import { split, tensor2d, type Tensor } from '@tensorflow/tfjs-core';

import { block, type BlockWeights } from '../nn/block.ts';
import { rotaryTables, type RotaryTables } from '../nn/rope.ts';
import { swigluWidth, type SwigluWeights } from '../nn/swiglu.ts';
import { linearWeight, rowsWeight, type Declaration, type Declarations } from './declaration.ts';
import { headDim } from './sizes.ts';

/** What the blocks of a network are like. */
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
  /** Of its parameters: `<name>/<layer>/…`. */
  readonly name: string;
  /** Of its parameters in the reference: `<reference>.layers.<layer>.…`. */
  readonly reference: string;
  readonly numLayers: number;
  readonly blocks: BlockShape;
}

/**
 * Blocks in a row: what recursive models apply again and again.
 *
 * @reference models/recursive_reasoning/trm.py `TinyRecursiveReasoningModel_ACTV1ReasoningModule`
 */
export class Level {
  readonly declarations: Declarations;
  readonly #options: LevelOptions;
  readonly #rotary: RotaryTables | undefined;

  constructor(options: LevelOptions) {
    this.#options = options;
    const { blocks, name, reference, numLayers } = options;
    const layers = Array.from({ length: numLayers }, (_, layer) =>
      blockDeclarations(blocks, `${name}/${layer}`, `${reference}.layers.${layer}`),
    );
    this.declarations = Object.assign({}, ...layers) as Declarations;
    const rotates = !blocks.mlpT && blocks.positionEncoding === 'rope';
    this.#rotary = rotates
      ? rotaryTables(blocks.numPositions, headDim(blocks), blocks.ropeTheta)
      : undefined;
  }

  /** The blocks with their weights: bound once a step, applied many times. */
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

  /** Operations in the matrix products of one application, a multiply and an add counting as two. */
  flops(batchSize: number): number {
    const { numLayers, blocks } = this.#options;
    const { hiddenSize: D, numHeads, numPositions: L, expansion } = blocks;
    const B = batchSize;
    const channelMlp = 2 * L * B * 3 * D * swigluWidth(D, expansion);
    const heads = numHeads * headDim(blocks);
    const mixing = blocks.mlpT
      ? 2 * B * D * 3 * L * swigluWidth(L, expansion)
      : 2 * L * B * 4 * D * heads + 2 * 2 * B * L * L * heads;
    return numLayers * (channelMlp + mixing);
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

function blockDeclarations(blocks: BlockShape, at: string, reference: string): Declarations {
  const { hiddenSize: D, numHeads, numPositions: L, expansion } = blocks;
  const inner = swigluWidth(D, expansion);
  const declarations: Record<string, Declaration> = {};
  if (blocks.mlpT) {
    const tokenInner = swigluWidth(L, expansion);
    const theirs = `${reference}.mlp_t`;
    declarations[`${at}/tokenMixer/gateUp`] = rowsWeight(
      L,
      2 * tokenInner,
      `${theirs}.gate_up_proj`,
    );
    declarations[`${at}/tokenMixer/down`] = rowsWeight(tokenInner, L, `${theirs}.down_proj`);
  } else {
    const heads = numHeads * headDim(blocks);
    const theirs = `${reference}.self_attn`;
    declarations[`${at}/attention/qkv`] = linearWeight(D, 3 * heads, `${theirs}.qkv_proj`);
    declarations[`${at}/attention/output`] = linearWeight(heads, D, `${theirs}.o_proj`);
  }
  declarations[`${at}/mlp/gateUp`] = linearWeight(D, 2 * inner, `${reference}.mlp.gate_up_proj`);
  declarations[`${at}/mlp/down`] = linearWeight(inner, D, `${reference}.mlp.down_proj`);
  return declarations;
}
