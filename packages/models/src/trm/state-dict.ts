/** Between the reference's state_dict and our parameters: other names, and products the other way round. */
import type { HostTensor, HostTree } from '@eddy/core';

import { stateDictMismatch } from '../errors.ts';
import type { TrmConfig } from './config.ts';
import { trmBuffers, trmParameters, trmTables, type TrmDataset } from './parameters.ts';

/** A model's state by kind, as the trainer holds it. */
export interface TrmState {
  readonly parameters: HostTree;
  readonly buffers: HostTree;
  readonly tables: HostTree;
}

interface Entry {
  readonly kind: keyof TrmState;
  readonly name: string;
  /** In the reference, of `ACTLossHead.state_dict()`; compiled models add `_orig_mod.` before it. */
  readonly reference: string;
  readonly transposed: boolean;
  readonly shape: readonly number[];
}

const COMPILED_PREFIX = '_orig_mod.';

/**
 * Reads the reference's tensors into ours.
 *
 * @param stateDict  float32 tensors by the reference's names, with or without `_orig_mod.`.
 * @throws STATE_DICT_MISMATCH for a tensor that is missing or has another shape.
 */
export function fromStateDict(
  config: TrmConfig,
  dataset: TrmDataset,
  stateDict: HostTree,
): TrmState {
  const state = { parameters: {}, buffers: {}, tables: {} } as Record<
    keyof TrmState,
    Record<string, HostTensor>
  >;
  for (const { kind, name, reference, transposed, shape } of entries(config, dataset)) {
    const tensor = stateDict[reference] ?? stateDict[COMPILED_PREFIX + reference];
    const ours = tensor !== undefined && transposed ? transposeMatrix(tensor) : tensor;
    if (ours === undefined || ours.shape.join() !== shape.join()) {
      throw stateDictMismatch({
        name: reference,
        expected: `shape [${(transposed ? [...shape].reverse() : shape).join(', ')}]`,
        received: tensor === undefined ? 'no such tensor' : `shape [${tensor.shape.join(', ')}]`,
      });
    }
    state[kind][name] = ours;
  }
  return state;
}

/** Writes ours as the reference's `ACTLossHead.state_dict()`. The kinds left out of `state` are left out. */
export function toStateDict(
  config: TrmConfig,
  dataset: TrmDataset,
  state: Partial<TrmState>,
): HostTree {
  const stateDict: Record<string, HostTensor> = {};
  for (const { kind, name, reference, transposed } of entries(config, dataset)) {
    const tensor = state[kind]?.[name];
    if (tensor === undefined) continue;
    stateDict[reference] = transposed ? transposeMatrix(tensor) : tensor;
  }
  return stateDict;
}

function entries(config: TrmConfig, dataset: TrmDataset): Entry[] {
  const inner = 'model.inner';
  const parameters = Object.entries(trmParameters(config, dataset)).map(([name, { shape }]) => ({
    kind: 'parameters' as const,
    name,
    reference: `${inner}.${referenceName(name)}`,
    // PyTorch's Linear is [out, in]; ours is, too, only where it mixes positions.
    transposed: /^(lmHead|qHead\/weight|layers\/\d+\/(mlp|attention)\/.*)$/.test(name),
    shape,
  }));
  const buffers = Object.entries(trmBuffers(config)).map(([name, { shape }]) => ({
    kind: 'buffers' as const,
    name,
    reference: `${inner}.${name}`,
    transposed: false,
    shape,
  }));
  const tables = Object.entries(trmTables(config, dataset)).map(([name, { rows, dim }]) => ({
    kind: 'tables' as const,
    name,
    reference: `${inner}.puzzle_emb.weights`,
    transposed: false,
    shape: [rows, dim],
  }));
  return [...parameters, ...buffers, ...tables];
}

function referenceName(name: string): string {
  const layer = /^layers\/(\d+)\/(\w+)\/(\w+)$/.exec(name);
  if (layer !== null) {
    const [, index, part, weight] = layer as unknown as [string, string, string, string];
    return `L_level.layers.${index}.${LAYER_PARTS[part]}.${LAYER_WEIGHTS[weight]}.weight`;
  }
  return TOP_LEVEL[name]!;
}

const LAYER_PARTS: Record<string, string> = {
  attention: 'self_attn',
  mlp: 'mlp',
  tokenMixer: 'mlp_t',
};

const LAYER_WEIGHTS: Record<string, string> = {
  qkv: 'qkv_proj',
  output: 'o_proj',
  gateUp: 'gate_up_proj',
  down: 'down_proj',
};

const TOP_LEVEL: Record<string, string> = {
  embedTokens: 'embed_tokens.embedding_weight',
  embedPositions: 'embed_pos.embedding_weight',
  lmHead: 'lm_head.weight',
  'qHead/weight': 'q_head.weight',
  'qHead/bias': 'q_head.bias',
};

function transposeMatrix(tensor: HostTensor): HostTensor {
  const [rows, cols] = tensor.shape as [number, number];
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) data[j * rows + i] = tensor.data[i * cols + j]!;
  }
  return { shape: [cols, rows], dtype: 'float32', data };
}
