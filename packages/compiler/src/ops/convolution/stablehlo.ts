/** StableHLO text of convolutions. */
import { functionType, list } from '../define/stablehlo-text.ts';
import type { StablehloWriter } from '../define/stablehlo.ts';
import type { ConvolutionNode } from './node.ts';

export function convolutionInStablehlo(
  { inputs, outputs, attrs }: ConvolutionNode,
  w: StablehloWriter,
): void {
  const { strides, low, high, inputDilation, kernelDilation } = attrs;
  const axes = strides.map((_, axis) => axis).join(', ');
  const images = `[b, ${axes}, f]`;
  const pads = low.map((before, axis) => list([before, high[axis]!])).join(', ');
  w.define(
    outputs,
    `stablehlo.convolution(${w.names(inputs)}) ` +
      `dim_numbers = ${images}x[${axes}, i, o]->${images}, ` +
      `window = {stride = ${list(strides)}, pad = [${pads}], ` +
      `lhs_dilate = ${list(inputDilation)}, rhs_dilate = ${list(kernelDilation)}} ` +
      `{batch_group_count = 1 : i64, feature_group_count = 1 : i64} : ` +
      functionType(inputs, outputs),
  );
}
