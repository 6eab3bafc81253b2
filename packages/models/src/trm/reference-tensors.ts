/** What the reference calls our tensors, and which products it stores the other way round. */
import type { ReferenceTensor } from '@eddy/core';

import type { TrmConfig } from './config.ts';
import { trmBuffers, trmParameters, trmTables, type TrmDataset } from './parameters.ts';

/** By the names in `ACTLossHead.state_dict()`. */
export function trmReferenceTensors(
  config: TrmConfig,
  dataset: TrmDataset,
): Record<string, ReferenceTensor> {
  const at = (folder: string, ours: string, theirs: string, transposed: boolean) => [
    `${folder}/${ours}`,
    { name: `model.inner.${theirs}`, transposed },
  ];
  return Object.fromEntries([
    ...Object.keys(trmParameters(config, dataset)).map((name) =>
      // PyTorch's Linear is [out, in]; ours is, too, only where it mixes positions.
      at(
        'parameters',
        name,
        referenceName(name),
        /^(lmHead|qHead\/weight|layers\/\d+\/(mlp|attention)\/.*)$/.test(name),
      ),
    ),
    ...Object.keys(trmBuffers(config)).map((name) => at('buffers', name, name, false)),
    ...Object.keys(trmTables(config, dataset)).map((name) =>
      at('tables', name, 'puzzle_emb.weights', false),
    ),
  ]) as Record<string, ReferenceTensor>;
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
