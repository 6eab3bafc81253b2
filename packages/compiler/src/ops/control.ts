/** Ops that say how and where values are computed and kept. */
import { roundToBfloat16 } from './define/elements.ts';
import { attributes, defineOp, notSupported } from './define/op.ts';
import { demand } from './define/rules.ts';
import { functionType, tensorType } from './define/stablehlo-text.ts';
import type { StablehloWriter } from './define/stablehlo.ts';
import { sameSpec, type GraphDType, type Region, type Value } from './define/value.ts';

/** Asks that the value be stored, in bfloat16 if the engine's precision allows; see `settlePrecision`. */
export const precision = defineOp({
  operands: ['x'],
  attrs: attributes<{ dtype: 'bfloat16' }>(),
  infer: ([x]) => {
    demand(x.dtype === 'float32', 'operand must be float32');
    return x;
  },
  storage: 'stored',
  elementWise: false,
  flops: () => 0,
  // A mark that no pass obeyed rounds all the same: that is what it asks for.
  interpret: (_node, [data], { output }) => output.generate((i) => roundToBfloat16(data[i]!)),
  stablehlo: notSupported('`optimise` settles precision before a graph is lowered'),
  onnx: notSupported('`optimise` settles precision before a graph is lowered'),
  // Op by op, every value is stored in float32.
  tensorflow: ({ inputs: [x] }, b) => b.compact(x),
});

/** The operand itself, stored: its users read it and do not compute it again. */
export const barrier = defineOp({
  operands: ['x'],
  attrs: attributes(),
  infer: ([x]) => x,
  storage: 'stored',
  elementWise: false,
  flops: () => 0,
  interpret: (_node, [data], { output }) => output.generate((i) => data[i]!),
  stablehlo: ({ inputs, outputs }, w) => {
    const isTrue = w.unknownTrue();
    if (isTrue === undefined) w.bind(outputs[0], w.name(inputs[0]));
    else conditional(isTrue, inputs, outputs, w);
  },
  // ONNX Runtime decides itself what it stores.
  onnx: (_node, [x]) => x,
  // Op by op, every value is computed once.
  tensorflow: ({ inputs: [x] }, b) => b.compact(x),
});

/**
 * Results as the operands: none before all were computed, and what uses a result is not the same as what
 * uses an operand. Keeps a second computation from being merged with the first.
 * `isCheap`: see `recomputeCheaply` of @eddy/tensor.
 */
export const fence = defineOp({
  operands: 'any',
  results: 'any',
  attrs: attributes<{ readonly isCheap: boolean }>(),
  infer: (inputs) => {
    demand(inputs.length >= 2, 'needs at least two operands');
    return inputs;
  },
  storage: 'stored',
  elementWise: false,
  flops: () => 0,
  interpret: (_node, inputs) => inputs,
  stablehlo: ({ inputs, outputs }, w) => {
    const isTrue = w.unknownTrue();
    if (isTrue === undefined) {
      const types = outputs.map(tensorType).join(', ');
      w.define(outputs, `stablehlo.optimization_barrier ${w.names(inputs)} : ${types}`);
    } else conditional(isTrue, inputs, outputs, w);
  },
  onnx: (_node, names) => names,
  tensorflow: ({ inputs }, b) => inputs.map((input) => b.compact(input)),
});

const ZERO: Readonly<Record<GraphDType, string>> = {
  float32: '0.0',
  bfloat16: '0.0',
  int32: '0',
  bool: 'false',
};

/** The values if `isTrue` is true, as it is, and else zeros. */
function conditional(
  isTrue: string,
  values: readonly Value[],
  outputs: readonly Value[],
  w: StablehloWriter,
): void {
  const types = outputs.map(tensorType).join(', ');
  w.define(outputs, `"stablehlo.if"(${isTrue}) ({`);
  w.line(`stablehlo.return ${w.names(values)} : ${types}`);
  w.line('}, {');
  const zeros = outputs.map((output) => {
    const zero = w.scalar(ZERO[output.dtype], output.dtype);
    const spread = functionType([{ shape: [], dtype: output.dtype }], [output]);
    const name = w.fresh();
    w.line(`${name} = stablehlo.broadcast_in_dim ${zero}, dims = [] : ${spread}`);
    return name;
  });
  w.line(`stablehlo.return ${zeros.join(', ')} : ${types}`);
  w.line(`}) : ${functionType([{ shape: [], dtype: 'bool' }], outputs)}`);
}

export interface WhileAttrs {
  readonly times: number;
  readonly body: Region;
}

/**
 * Applies `body` `times` times (at least once). Operands are the state, then the values that the
 * body uses from outside; the body's inputs are the same in the same order, its outputs the state.
 */
const whileLoop = defineOp({
  operands: 'any',
  results: 'any',
  attrs: attributes<WhileAttrs>(),
  infer: (inputs, { times, body }) => {
    demand(Number.isInteger(times) && times >= 1, 'times must be a whole number above 0');
    demand(body.inputs.length === inputs.length, 'the body takes one input for each operand');
    demand(body.outputs.length <= inputs.length, 'the body returns at most its state');
    demand(
      body.inputs.every((input, i) => sameSpec(input, inputs[i]!)),
      'inputs of the body must look like the operands',
    );
    demand(
      body.outputs.every((output, i) => sameSpec(output, inputs[i]!)),
      'the body must return its state with the shapes and dtypes it was given',
    );
    return body.outputs.map(({ shape, dtype }) => ({ shape, dtype }));
  },
  storage: 'stored',
  elementWise: false,
  // The nodes of the body count, each `times` times: `flopsOf` multiplies.
  flops: () => 0,
  interpret: ({ attrs: { times, body } }, inputs, { run }) => {
    const captured = inputs.slice(body.outputs.length);
    let state = inputs.slice(0, body.outputs.length);
    for (let i = 0; i < times; i++) state = [...run(body, [...state, ...captured])];
    return state;
  },
  /** Operands of the loop: a counter, then the node's own; what the body only reads passes through. */
  stablehlo: ({ inputs, outputs, attrs: { times, body } }, w) => {
    const index = { shape: [], dtype: 'int32' } as const;
    const zero = w.scalar('0', 'int32');
    const counter = w.fresh();
    const names = body.inputs.map((input) => {
      const name = w.fresh();
      w.bind(input, name);
      return name;
    });
    const bindings = inputs.map((input, i) => `${names[i]} = ${w.name(input)}`);
    const types = [index, ...inputs].map(tensorType);
    const result = w.fresh();
    outputs.forEach((output, i) => {
      w.bind(output, `${result}#${i + 1}`);
    });

    const operands = [`${counter} = ${zero}`, ...bindings].join(', ');
    w.line(`${result}:${types.length} = stablehlo.while(${operands}) : ${types.join(', ')}`);
    w.line('cond {');
    const limit = w.scalar(String(times), 'int32');
    const goesOn = w.fresh();
    const compared = `${types[0]}, ${types[0]}`;
    w.line(
      `${goesOn} = stablehlo.compare LT, ${counter}, ${limit}, SIGNED : (${compared}) -> tensor<i1>`,
    );
    w.line(`stablehlo.return ${goesOn} : tensor<i1>`);
    w.line('} do {');
    w.body(body);
    const one = w.scalar('1', 'int32');
    const next = w.fresh();
    w.line(`${next} = stablehlo.add ${counter}, ${one} : ${types[0]}`);
    const state = body.outputs.map((output) => w.name(output));
    const returned = [next, ...state, ...names.slice(state.length)].join(', ');
    w.line(`stablehlo.return ${returned} : ${types.join(', ')}`);
    w.line('}');
  },
  /** ONNX's Loop. Only the state is carried; what the body reads besides, it sees by name. */
  onnx: ({ outputs, attrs: { times, body } }, names, w) => {
    const inner = w.inner();
    const numState = body.outputs.length;
    const [turn, goesOn] = [inner.fresh(), inner.fresh()];
    const state = body.inputs.slice(0, numState).map((input) => {
      const name = inner.fresh();
      inner.bind(input, name);
      return inner.valueInfo(name, input);
    });
    body.inputs.slice(numState).forEach((input, i) => {
      inner.bind(input, names[numState + i]!);
    });
    inner.body(body);
    const still = inner.node('Identity', [goesOn]);
    const next = body.outputs.map((output) =>
      inner.valueInfo(inner.node('Identity', [inner.name(output)]), output),
    );
    const graph = {
      name: 'turn',
      nodes: inner.nodes,
      initializers: [],
      inputs: [
        { name: turn, dtype: 'int64', shape: [] },
        { name: goesOn, dtype: 'bool', shape: [] },
        ...state,
      ],
      outputs: [{ name: still, dtype: 'bool', shape: [] }, ...next],
    } as const;
    const operands = [w.scalar('int64', times), w.scalar('bool', 1), ...names.slice(0, numState)];
    return w.nodeWithResults('Loop', operands, outputs.length, { body: graph });
  },
  tensorflow: ({ inputs, attrs: { times, body } }, b) =>
    b.loop(
      times,
      body,
      inputs.map((input) => b.full(input)),
    ),
});

// `while` is a word of the language, so that no constant can have the name.
export { whileLoop as while };
