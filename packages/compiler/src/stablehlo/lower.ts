import type { TensorSpec } from '@eddy/tensor';

import { flopsOf } from '../graph/flops.ts';
import type { Graph, Node, TracedGraph, Value, ValueSpec } from '../graph/graph.ts';
import { sameShape } from '../graph/infer.ts';
import type { GraphDType } from '../graph/op.ts';

import { isLibraryProduct } from './emit-dot.ts';
import { emitOp, type Emitter } from './emit-op.ts';
import type {
  Lowering,
  Rounding,
  LoweredProgram,
  LoweredResult,
  LibraryProducts,
} from './lowered-program.ts';
import { functionType, tensorType } from './types.ts';

/**
 * Writes a graph as StableHLO text.
 *
 * Arguments are the state, then the inputs, unused ones included, then what barriers need. The buffer
 * of a state tensor that the program returns is donated to its new value.
 */
export function lower(
  traced: TracedGraph,
  { barriers = 'none', libraryProducts = [], rounding = 'convert' }: Partial<Lowering> = {},
): LoweredProgram {
  const results = traced.results.map((result): LoweredResult => {
    const donor = donorOf(traced, result);
    return { ...result, ...(donor === undefined ? {} : { donor }) };
  });
  const { graph } = traced;
  const branches = barriers === 'branch' && someNode(graph, ({ op }) => BARRIERS.has(op));
  return {
    name: traced.name,
    devices: traced.devices,
    text: new ModuleWriter(branches, { libraryProducts, rounding }).module(traced, results),
    serializable: !someNode(graph, (node) => isLibraryProduct(node, libraryProducts)),
    arguments: traced.arguments,
    takesTrue: branches,
    results,
    flops: flopsOf(graph),
  };
}

/** These become conditionals. */
const BARRIERS: ReadonlySet<Node['op']> = new Set(['barrier', 'fence']);

/** Whether any node, in loops too, is such. */
function someNode(graph: Graph, test: (node: Node) => boolean): boolean {
  return graph.nodes.some(
    (node) => test(node) || (node.op === 'while' && someNode(node.attrs.body, test)),
  );
}

const ZERO: Record<GraphDType, string> = {
  float32: '0.0',
  bfloat16: '0.0',
  int32: '0',
  bool: 'false',
};

/** The argument of `takesTrue`. */
const TRUE = '%true';
const TRUE_TYPE = tensorType({ shape: [], dtype: 'bool' });

function donorOf(traced: TracedGraph, result: TracedGraph['results'][number]): number | undefined {
  if (result.kind !== 'state') return undefined;
  const index = traced.arguments.findIndex(
    ({ kind, name, spec }) =>
      kind === 'state' && name === result.name && sameSpec(spec, result.spec),
  );
  return index < 0 ? undefined : index;
}

function sameSpec(a: TensorSpec, b: TensorSpec): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

type WhileNode = Extract<Node, { op: 'while' }>;

class ModuleWriter implements Emitter {
  private readonly lines: string[] = [];
  private readonly names = new Map<Value, string>();
  private count = 0;
  private readonly branches: boolean;
  readonly libraryProducts: LibraryProducts;
  readonly rounding: Rounding;

  /** @param branches  barriers become conditionals. */
  constructor(branches: boolean, { libraryProducts, rounding }: Omit<Lowering, 'barriers'>) {
    this.branches = branches;
    this.libraryProducts = libraryProducts;
    this.rounding = rounding;
  }

  module(traced: TracedGraph, results: readonly LoweredResult[]): string {
    const { graph } = traced;
    const parameters = graph.inputs.map((input, i) => {
      const result = results.findIndex(({ donor }) => donor === i);
      const alias = result < 0 ? '' : ` {tf.aliasing_output = ${result} : i32}`;
      this.names.set(input, `%arg${i}`);
      return `%arg${i}: ${tensorType(input)}${alias}`;
    });
    if (this.branches) parameters.push(`${TRUE}: ${TRUE_TYPE}`);
    const types = graph.outputs.map(tensorType);
    const replicas =
      traced.devices === 1 ? '' : ` attributes {mhlo.num_replicas = ${traced.devices} : i32}`;
    this.line(`module @${symbol(traced.name)}${replicas} {`);
    this.line(`func.func public @main(${parameters.join(', ')}) -> (${types.join(', ')}) {`);
    this.body(graph);
    const returned = graph.outputs.map((output) => this.name(output)).join(', ');
    this.line(graph.outputs.length === 0 ? 'return' : `return ${returned} : ${types.join(', ')}`);
    this.line('}');
    this.line('}');
    return `${this.lines.join('\n')}\n`;
  }

  name(value: Value): string {
    return this.names.get(value)!;
  }

  fresh(): string {
    return `%${this.count++}`;
  }

  line(text: string): void {
    this.lines.push(text);
  }

  define(value: Value, expression: string): void {
    const name = this.fresh();
    this.names.set(value, name);
    this.line(`${name} = ${expression}`);
  }

  defineAll(values: readonly Value[], count: number, expression: string): void {
    const name = this.fresh();
    values.forEach((value, i) => this.names.set(value, `${name}#${i}`));
    this.line(`${name}:${count} = ${expression}`);
  }

  barrier(values: readonly Value[], outputs: readonly Value[]): void {
    if (this.branches) this.conditional(values, outputs);
    else outputs.forEach((output, i) => this.names.set(output, this.name(values[i]!)));
  }

  fence(values: readonly Value[], outputs: readonly Value[]): void {
    if (this.branches) {
      this.conditional(values, outputs);
      return;
    }
    const result = this.results(outputs);
    const operands = values.map((value) => this.name(value)).join(', ');
    const types = outputs.map(tensorType).join(', ');
    this.line(`${result} = stablehlo.optimization_barrier ${operands} : ${types}`);
  }

  /** The values if the last argument is true, as it is, and else zeros. */
  private conditional(values: readonly Value[], outputs: readonly Value[]): void {
    const types = outputs.map(tensorType).join(', ');
    const result = this.results(outputs);
    this.line(`${result} = "stablehlo.if"(${TRUE}) ({`);
    this.line(`stablehlo.return ${values.map((value) => this.name(value)).join(', ')} : ${types}`);
    this.line('}, {');
    const zeros = outputs.map((output) => {
      const zero = this.scalar(ZERO[output.dtype], output.dtype);
      const spread = functionType([{ shape: [], dtype: output.dtype }], [output]);
      const name = this.fresh();
      this.line(`${name} = stablehlo.broadcast_in_dim ${zero}, dims = [] : ${spread}`);
      return name;
    });
    this.line(`stablehlo.return ${zeros.join(', ')} : ${types}`);
    this.line(`}) : ${functionType([{ shape: [], dtype: 'bool' }], outputs)}`);
  }

  /** A fresh name for the results of an operation, as its line begins with it. */
  private results(outputs: readonly Value[]): string {
    const name = this.fresh();
    if (outputs.length === 1) {
      this.names.set(outputs[0]!, name);
      return name;
    }
    outputs.forEach((output, i) => this.names.set(output, `${name}#${i}`));
    return `${name}:${outputs.length}`;
  }

  scalar(literal: string, dtype: GraphDType): string {
    const name = this.fresh();
    this.line(
      `${name} = stablehlo.constant dense<${literal}> : ${tensorType({ shape: [], dtype })}`,
    );
    return name;
  }

  private body(graph: Graph): void {
    for (const node of graph.nodes) {
      if (node.op === 'while') this.loop(node);
      else emitOp(node, this);
    }
  }

  /** Operands of the loop: a counter, then the node's own; what the body only reads passes through. */
  private loop({ inputs, outputs, attrs: { times, body } }: WhileNode): void {
    const index: ValueSpec = { shape: [], dtype: 'int32' };
    const zero = this.scalar('0', 'int32');
    const counter = this.fresh();
    const names = body.inputs.map((input) => {
      const name = this.fresh();
      this.names.set(input, name);
      return name;
    });
    const bindings = inputs.map((input, i) => `${names[i]} = ${this.name(input)}`);
    const types = [index, ...inputs].map(tensorType);
    const result = this.fresh();
    outputs.forEach((output, i) => this.names.set(output, `${result}#${i + 1}`));

    const operands = [`${counter} = ${zero}`, ...bindings].join(', ');
    this.line(`${result}:${types.length} = stablehlo.while(${operands}) : ${types.join(', ')}`);
    this.line('cond {');
    const limit = this.scalar(String(times), 'int32');
    const goesOn = this.fresh();
    const compared = `${types[0]}, ${types[0]}`;
    this.line(
      `${goesOn} = stablehlo.compare LT, ${counter}, ${limit}, SIGNED : (${compared}) -> tensor<i1>`,
    );
    this.line(`stablehlo.return ${goesOn} : tensor<i1>`);
    this.line('} do {');
    this.body(body);
    const one = this.scalar('1', 'int32');
    const next = this.fresh();
    this.line(`${next} = stablehlo.add ${counter}, ${one} : ${types[0]}`);
    const state = body.outputs.map((output) => this.name(output));
    const returned = [next, ...state, ...names.slice(state.length)].join(', ');
    this.line(`stablehlo.return ${returned} : ${types.join(', ')}`);
    this.line('}');
  }
}

/** A module's name as an MLIR symbol. */
function symbol(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}
