/** Exchanges between devices. Every device runs the graph; it waits for the others here. */
import { attributes, defineOp, notSupported } from './define/op.ts';
import { demand } from './define/rules.ts';
import { functionType, list, tensorType } from './define/stablehlo-text.ts';

const needsTheOthers = notSupported('it runs one device, and the op needs the others');

/** Σ over devices of their operands. */
export const allReduce = defineOp({
  operands: ['x'],
  attrs: attributes<{ devices: number }>(),
  infer: ([x]) => {
    demand(x.dtype === 'float32', 'operand must be float32');
    return x;
  },
  storage: 'computed',
  elementWise: false,
  flops: () => 0,
  interpret: needsTheOthers,
  stablehlo: ({ inputs, outputs, attrs: { devices } }, w) => {
    const scalar = tensorType({ shape: [], dtype: outputs[0].dtype });
    const [a, b, sum] = [w.fresh(), w.fresh(), w.fresh()];
    const group = replicaGroup(devices);
    w.define(outputs, `"stablehlo.all_reduce"(${w.names(inputs)}) <{${group}}> ({`);
    w.line(`^bb0(${a}: ${scalar}, ${b}: ${scalar}):`);
    w.line(`${sum} = stablehlo.add ${a}, ${b} : ${scalar}`);
    w.line(`stablehlo.return ${sum} : ${scalar}`);
    w.line(`}) : ${functionType(inputs, outputs)}`);
  },
  onnx: needsTheOthers,
  tensorflow: needsTheOthers,
});

/** The operands of all devices along axis 0, in the order of the devices. */
export const allGather = defineOp({
  operands: ['x'],
  attrs: attributes<{ devices: number }>(),
  infer: ([x], { devices }) => {
    demand(x.shape.length >= 1, 'operand needs at least one axis');
    return { shape: x.shape.with(0, x.shape[0]! * devices), dtype: x.dtype };
  },
  storage: 'computed',
  elementWise: false,
  flops: () => 0,
  interpret: needsTheOthers,
  stablehlo: ({ inputs, outputs, attrs: { devices } }, w) => {
    w.define(
      outputs,
      `"stablehlo.all_gather"(${w.names(inputs)}) <{all_gather_dim = 0 : i64, ` +
        `${replicaGroup(devices)}}> : ${functionType(inputs, outputs)}`,
    );
  },
  onnx: needsTheOthers,
  tensorflow: needsTheOthers,
});

/** All devices together, in their order. */
function replicaGroup(devices: number): string {
  const ids = Array.from({ length: devices }, (_, i) => i);
  return `replica_groups = dense<[${list(ids)}]> : tensor<1x${devices}xi64>`;
}
