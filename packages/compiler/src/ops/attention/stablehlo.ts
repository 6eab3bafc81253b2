/**
 * XLA's custom calls for cuDNN's fused attention, as XLA:GPU takes them.
 *
 * @source openxla/xla xla/service/gpu/backend_configs.proto `CudnnfMHABackendConfig`
 */
import type { OpNode } from '../define/op.ts';
import { tensorType } from '../define/stablehlo-text.ts';
import type { StablehloWriter } from '../define/stablehlo.ts';
import type { Value } from '../define/value.ts';

type AttentionNode = OpNode<{ readonly scale: number }>;

/** Of a product whose operands are [B, H, …]: which axes are contracted. */
const product = (left: number, right: number) => ({
  lhs_contracting_dimensions: [String(left)],
  rhs_contracting_dimensions: [String(right)],
  lhs_batch_dimensions: ['0', '1'],
  rhs_batch_dimensions: ['0', '1'],
});

const FORWARD = {
  bmm1_dot_dimension_numbers: product(3, 3), // q·kᵀ
  bmm2_dot_dimension_numbers: product(3, 2), // p·v
};
const BACKWARD = {
  bmm1_grad_gemm1_dot_dimension_numbers: product(2, 2), // dsᵀ·q
  bmm1_grad_gemm2_dot_dimension_numbers: product(3, 2), // ds·k
  bmm2_grad_gemm1_dot_dimension_numbers: product(2, 2), // pᵀ·do
  bmm2_grad_gemm2_dot_dimension_numbers: product(3, 3), // do·vᵀ
};

/**
 * [B, H, L, K] lies in memory as [L, B, H, K]: as the products before and after attention leave it and
 * want it, so that nothing is transposed. cuDNN takes any order whose last axis is K.
 */
const LAYOUTS: Readonly<Record<number, string>> = {
  4: 'dense<[3, 1, 0, 2]> : tensor<4xindex>',
  3: 'dense<[2, 1, 0]> : tensor<3xindex>',
  1: 'dense<[0]> : tensor<1xindex>',
};
const layouts = (values: readonly { readonly shape: readonly number[] }[]) =>
  values.map(({ shape }) => LAYOUTS[shape.length]!).join(', ');

/** The call's last result: room that XLA gives cuDNN, as much as cuDNN asks for. */
const WORKSPACE = { shape: [0], type: 'tensor<0xui8>' };

export function attentionInStablehlo(node: AttentionNode, w: StablehloWriter): void {
  writeCall(node, '__cudnn$fmhaSoftmax', node.inputs, FORWARD, w);
}

export function attentionGradientInStablehlo(node: AttentionNode, w: StablehloWriter): void {
  writeCall(node, '__cudnn$fmhaSoftmaxBackward', backwardOperands(node.inputs), BACKWARD, w);
}

/** One call; its results are the node's, in order, and room that cuDNN works in. */
function writeCall(
  node: AttentionNode,
  target: string,
  operands: readonly Value[],
  products: object,
  w: StablehloWriter,
): void {
  const { outputs } = node;
  const results = [...outputs.map(tensorType), WORKSPACE.type].join(', ');
  const type = `(${operands.map(tensorType).join(', ')}) -> (${results})`;
  const config = JSON.stringify(JSON.stringify(backendConfig(node, products)));
  const call =
    `stablehlo.custom_call @${target}(${w.names(operands)}) {` +
    `backend_config = ${config}, ` +
    `operand_layouts = [${layouts(operands)}], ` +
    `result_layouts = [${layouts([...outputs, WORKSPACE])}], api_version = 2 : i32} : ${type}`;
  w.define(outputs, call, 1);
}

/** XLA's order: q, k, v, row sums, the value's gradient, the value. */
function backwardOperands([q, k, v, rowSums, value, dValue]: readonly Value[]): Value[] {
  return [q!, k!, v!, rowSums!, dValue!, value!];
}

function backendConfig({ inputs, attrs: { scale } }: AttentionNode, products: object): unknown {
  const [batch, heads, length] = inputs[0]!.shape.map(String);
  return {
    operation_queue_id: '0',
    cudnn_fmha_backend_config: {
      algorithm: {
        algo_id: '0',
        math_type: 'TENSOR_OP_MATH',
        tuning_knobs: { '17': '1', '24': '0' },
        is_cudnn_frontend: true,
        workspace_size: '0',
      },
      fmha_scale: scale,
      intermediate_tensor_shape: {
        element_type: 'BF16',
        dimensions: [batch, heads, length, length],
        tuple_shapes: [],
        layout: { minor_to_major: ['3', '2', '1', '0'] },
        is_dynamic_dimension: [false, false, false, false],
      },
      is_flash_attention: true,
      mask_type: 'NO_MASK',
      ...products,
      dropout_rate: 0,
      seed: 0,
      sliding_window_length: 0,
      max_seg_per_batch: 1,
      is_paged_attention: false,
    },
  };
}
