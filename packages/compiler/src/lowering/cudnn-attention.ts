import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { Composites } from '../trace/capture/composites.ts';

/** cuDNN's limits on the width of a head, on Hopper and later; 128 before. */
const MAX_WIDTH = 128;
const WIDTH_MULTIPLE = 8;

/**
 * Attention by cuDNN's fused kernels, in bfloat16: scores are never stored. Operands are [H, B, L, K].
 *
 * The gradient asks for the forward kernel once more; where the forward pass has the same, common
 * subexpressions make them one.
 *
 * @source openxla/xla xla/service/gpu/cublas_cudnn.h, the `__cudnn$fmha…` custom calls
 */
export const CUDNN_ATTENTION: Composites = {
  attention: (b, inputs, { scale }) => {
    if (!suits(inputs)) return undefined;
    const [value] = b.append('attention', operandsOf(b, inputs), { scale: scale! });
    return [asHeadsFirst(b, value)];
  },
  attentionGradient: (b, inputs, { scale }) => {
    if (!suits(inputs)) return undefined;
    const attrs = { scale: scale! };
    const [q, k, v, dValue] = operandsOf(b, inputs) as [Value, Value, Value, Value];
    const [value, rowSums] = b.append('attention', [q, k, v], attrs) as [Value, Value];
    return b
      .append('attentionGradient', [q, k, v, rowSums, value, dValue], attrs)
      .map((gradient) => asHeadsFirst(b, gradient));
  },
};

function suits(inputs: readonly Value[]): boolean {
  return inputs.every(({ shape: [, , , width = 0] }) => {
    return width <= MAX_WIDTH && width % WIDTH_MULTIPLE === 0;
  });
}

/** [H, B, L, K] float32 → [B, H, L, K] bfloat16. */
function operandsOf(b: GraphBuilder, inputs: readonly Value[]): Value[] {
  return inputs.map((x) => b.convert(b.transpose(x, [1, 0, 2, 3]), 'bfloat16'));
}

function asHeadsFirst(b: GraphBuilder, x: Value): Value {
  return b.convert(b.transpose(x, [1, 0, 2, 3]), 'float32');
}
