import { flopsOf } from '../graph/flops.ts';
import type { Graph, TracedGraph, Value } from '../graph/graph.ts';
import type { LibraryProducts, Rounding, StablehloWriter } from '../ops/define/stablehlo.ts';
import { functionType, tensorType } from '../ops/define/stablehlo-text.ts';
import { sameSpec, type AnyNode, type GraphDType, type Region } from '../ops/define/value.ts';
import { opOf } from '../ops/index.ts';

import type { Lowering, LoweredProgram, LoweredResult } from './lowered-program.ts';

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
  const writer = new ModuleWriter({ barriers, libraryProducts, rounding });
  return {
    name: traced.name,
    devices: traced.devices,
    text: writer.module(traced, results),
    serializable: !writer.isLibraryCalled,
    arguments: traced.arguments,
    takesTrue: writer.takesTrue,
    results,
    flops: flopsOf(traced.graph),
  };
}

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

class ModuleWriter implements StablehloWriter {
  readonly libraryProducts: LibraryProducts;
  readonly rounding: Rounding;
  /** Whether the module has the argument that barriers branch on. */
  takesTrue = false;
  isLibraryCalled = false;
  readonly #lines: string[] = [];
  readonly #names = new Map<Value, string>();
  readonly #branches: boolean;
  #count = 0;

  constructor({ barriers, libraryProducts, rounding }: Lowering) {
    this.#branches = barriers === 'branch';
    this.libraryProducts = libraryProducts;
    this.rounding = rounding;
  }

  module(traced: TracedGraph, results: readonly LoweredResult[]): string {
    const { graph } = traced;
    const parameters = graph.inputs.map((input, i) => {
      const result = results.findIndex(({ donor }) => donor === i);
      const alias = result < 0 ? '' : ` {tf.aliasing_output = ${result} : i32}`;
      this.bind(input, `%arg${i}`);
      return `%arg${i}: ${tensorType(input)}${alias}`;
    });
    this.body(graph);
    if (this.takesTrue) parameters.push(`${TRUE}: ${TRUE_TYPE}`);
    const types = graph.outputs.map(tensorType).join(', ');
    const replicas =
      traced.devices === 1 ? '' : ` attributes {mhlo.num_replicas = ${traced.devices} : i32}`;
    const lines = [
      `module @${symbol(traced.name)}${replicas} {`,
      `func.func public @main(${parameters.join(', ')}) -> (${types}) {`,
      ...this.#lines,
      graph.outputs.length === 0 ? 'return' : `return ${this.names(graph.outputs)} : ${types}`,
      '}',
      '}',
    ];
    return `${lines.join('\n')}\n`;
  }

  name(value: Value): string {
    return this.#names.get(value)!;
  }

  names(values: readonly Value[]): string {
    return values.map((value) => this.name(value)).join(', ');
  }

  fresh(): string {
    return `%${this.#count++}`;
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  bind(value: Value, name: string): void {
    this.#names.set(value, name);
  }

  define(values: readonly Value[], expression: string, unused = 0): void {
    const name = this.fresh();
    const count = values.length + unused;
    values.forEach((value, i) => {
      this.bind(value, count === 1 ? name : `${name}#${i}`);
    });
    this.line(`${name}${count === 1 ? '' : `:${count}`} = ${expression}`);
  }

  operation({ inputs, outputs }: AnyNode, operation: string, attributes?: string): void {
    const operands = this.names(inputs) + (attributes === undefined ? '' : `, ${attributes}`);
    this.define(outputs, `${operation} ${operands} : ${functionType(inputs, outputs)}`);
  }

  scalar(literal: string, dtype: GraphDType): string {
    const name = this.fresh();
    const type = tensorType({ shape: [], dtype });
    this.line(`${name} = stablehlo.constant dense<${literal}> : ${type}`);
    return name;
  }

  body(region: Region): void {
    for (const node of (region as Graph).nodes) opOf(node.op).stablehlo(node as never, this);
  }

  unknownTrue(): string | undefined {
    if (!this.#branches) return undefined;
    this.takesTrue = true;
    return TRUE;
  }

  callsLibrary(): void {
    this.isLibraryCalled = true;
  }
}

/** A module's name as an MLIR symbol. */
function symbol(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}
