/**
 * Cuts a program that several hosts run together into parts, each a program of its own, between which
 * the hosts exchange values through their memory:
 *
 *   part 1 → sums and gathers over the hosts → part 2 → …
 *
 * A value is computed in the first part that has an exchange or a result for it, or else in that of its
 * first user. What a later part needs of an earlier one stays on the device, as state `live/…`.
 */
import { InternalError } from '@eddy/tensor/errors';

import { GraphBuilder, hostDType } from '../graph/builder.ts';
import type { GraphArgument, GraphResult, Node, TracedGraph, Value } from '../graph/graph.ts';
import { verifyTraced } from '../graph/verify.ts';

/** An output of one part, and under the same name an input of later ones. */
export interface Exchange {
  readonly name: string;
  /** Over the hosts; `gather`: along axis 0, in their order. */
  readonly kind: 'sum' | 'gather';
}

export interface CutProgram {
  readonly parts: readonly TracedGraph[];
  readonly exchanges: readonly Exchange[];
}

/** @param hosts  that have equally many of the program's devices */
export function cutAtExchanges(traced: TracedGraph, hosts: number): CutProgram {
  const cut = new Cut(traced, traced.devices / hosts);
  return {
    // The last first: it says what it needs of those before it.
    parts: Array.from({ length: cut.count }, (_, i) => cut.part(cut.count - 1 - i)).reverse(),
    exchanges: cut.exchanges.map((node) => ({
      name: cut.names.get(node.outputs[0]!)!,
      kind: node.op === 'allReduce' ? 'sum' : 'gather',
    })),
  };
}

type ExchangeNode = Extract<Node, { op: 'allReduce' | 'allGather' }>;

class Cut {
  readonly exchanges: readonly ExchangeNode[];
  readonly count: number;
  /** Of what crosses from part to part. */
  readonly names = new Map<Value, string>();
  readonly #traced: TracedGraph;
  /** Of one host. */
  readonly #devices: number;
  readonly #producers = new Map<Value, Node>();
  /** The first part in which a value can be had. */
  readonly #levels = new Map<Value, number>();
  /** Literals and what is made of nothing else: every part makes its own. */
  readonly #free = new Set<Value>();
  readonly #homes = new Map<Node, number>();
  /** The part that returns each result. */
  readonly #returnedBy: readonly number[];
  /** Values that later parts than their own need. */
  readonly #live = new Set<Value>();

  constructor(traced: TracedGraph, devices: number) {
    this.#traced = traced;
    this.#devices = devices;
    const { nodes, outputs } = traced.graph;
    for (const node of nodes) this.#place(node);
    this.exchanges = nodes.filter(isExchange);
    for (const [i, node] of this.exchanges.entries()) {
      this.names.set(node.outputs[0]!, `exchange/${i}`);
    }
    const roots = [...this.exchanges.map(({ inputs: [x] }) => x!), ...outputs];
    for (const root of roots.toSorted((a, b) => this.#level(a) - this.#level(b))) {
      this.#claim(root, this.#level(root));
    }
    this.#returnedBy = this.#returningParts();
    this.count = 1 + Math.max(0, ...roots.map((root) => this.#level(root)));
  }

  /** Asks for the parts from the last to the first. */
  part(part: number): TracedGraph {
    const { graph, results, name } = this.#traced;
    const writer = new PartWriter(this.#devices, (value, into) => this.#bring(value, part, into));
    const returned = results.flatMap((result, i) =>
      this.#returnedBy[i] === part ? [{ result, value: graph.outputs[i]! }] : [],
    );
    // The memory of a state tensor goes over to its new value, read or not.
    for (const { result } of returned) {
      const state = this.#stateOf(result);
      if (state !== undefined) writer.valueOf(state);
    }
    for (const node of graph.nodes) if (this.#homes.get(node) === part) writer.append(node);
    for (const { result, value } of returned) writer.return(result, writer.valueOf(value));
    for (const { op, inputs, outputs } of this.exchanges) {
      if (this.#level(inputs[0]!) !== part) continue;
      writer.bring(op, this.names.get(outputs[0]!)!, writer.valueOf(inputs[0]!));
    }
    for (const value of this.#live) {
      if (this.#homes.get(this.#producers.get(value)!) === part) {
        writer.leave(this.names.get(value)!, writer.valueOf(value));
      }
    }
    return writer.finish(this.count === 1 ? name : `${name}.${part + 1}`);
  }

  #level(value: Value): number {
    return this.#levels.get(value) ?? 0;
  }

  #place(node: Node): void {
    for (const output of node.outputs) this.#producers.set(output, node);
    if (node.op === 'while' && node.attrs.body.nodes.some(isExchange)) {
      throw new InternalError(`${this.#traced.name}: an exchange between devices is in a loop`);
    }
    const level = Math.max(0, ...node.inputs.map((input) => this.#level(input)));
    const isFree = !isExchange(node) && node.inputs.every((input) => this.#free.has(input));
    for (const output of node.outputs) {
      this.#levels.set(output, isExchange(node) ? level + 1 : level);
      if (isFree) this.#free.add(output);
    }
  }

  /** Puts all that a value is made of into `part`, unless an earlier one has it. */
  #claim(root: Value, part: number): void {
    const waiting = [root];
    for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
      const node = this.#producers.get(value);
      if (node === undefined || isExchange(node)) continue;
      if (this.#free.has(value) || this.#homes.has(node)) continue;
      this.#homes.set(node, part);
      waiting.push(...node.inputs);
    }
  }

  /** A state tensor gets its new value in the last part that reads the old one, or later. */
  #returningParts(): number[] {
    const { graph, results } = this.#traced;
    const parts = graph.outputs.map((output) => this.#level(output));
    const readIn = new Map<Value, number>();
    const read = (value: Value, part: number) => {
      readIn.set(value, Math.max(part, readIn.get(value) ?? 0));
    };
    for (const [node, part] of this.#homes) for (const input of node.inputs) read(input, part);
    for (let changed = true; changed;) {
      changed = false;
      graph.outputs.forEach((output, i) => read(output, parts[i]!));
      for (const [i, result] of results.entries()) {
        const state = this.#stateOf(result);
        const last = state === undefined ? 0 : (readIn.get(state) ?? 0);
        if (last > parts[i]!) [parts[i], changed] = [last, true];
      }
    }
    return parts;
  }

  /** The old value of a state tensor. */
  #stateOf({ kind, name }: GraphResult): Value | undefined {
    if (kind !== 'state') return undefined;
    const { graph, arguments: args } = this.#traced;
    return graph.inputs[args.findIndex((arg) => arg.kind === 'state' && arg.name === name)];
  }

  /** What a part has of a value that it does not make. */
  #bring(value: Value, part: number, into: PartWriter): Value {
    const node = this.#producers.get(value);
    if (node === undefined) {
      const { graph, arguments: args } = this.#traced;
      return into.argument(args[graph.inputs.indexOf(value)]!);
    }
    if (this.#free.has(value)) {
      into.append(node);
      return into.valueOf(value);
    }
    if (isExchange(node)) return into.exchanged(this.names.get(value)!, value);
    if (this.#homes.get(node)! >= part) {
      throw new InternalError(`${this.#traced.name}: a part needs what a later one makes`);
    }
    this.#live.add(value);
    const name = this.names.get(value) ?? `live/${this.#live.size - 1}`;
    this.names.set(value, name);
    return into.left(name, value);
  }
}

/** Writes one part, value by value of the whole program. */
class PartWriter {
  readonly #b = new GraphBuilder();
  readonly #devices: number;
  readonly #bring: (value: Value, into: PartWriter) => Value;
  readonly #values = new Map<Value, Value>();
  readonly #arguments: GraphArgument[] = [];
  readonly #results: GraphResult[] = [];
  readonly #outputs: Value[] = [];

  /** @param bring  has the part take a value of the whole that it does not make */
  constructor(devices: number, bring: (value: Value, into: PartWriter) => Value) {
    this.#devices = devices;
    this.#bring = bring;
  }

  valueOf(whole: Value): Value {
    const value = this.#values.get(whole) ?? this.#bring(whole, this);
    this.#values.set(whole, value);
    return value;
  }

  append({ op, inputs, attrs, outputs }: Node): void {
    const operands = inputs.map((input) => this.valueOf(input));
    const results = this.#b.append(op, operands, attrs);
    outputs.forEach((output, i) => this.#values.set(output, results[i]!));
  }

  argument(argument: GraphArgument): Value {
    this.#arguments.push(argument);
    return this.#b.input(argument.spec);
  }

  return(result: GraphResult, value: Value): void {
    this.#results.push(result);
    this.#outputs.push(value);
  }

  /** This host's operand of an exchange: that of all its devices. */
  bring(op: ExchangeNode['op'], name: string, x: Value): void {
    const ofHost = this.#devices === 1 ? x : this.#b.emit(op, [x], { devices: this.#devices });
    const dtype = hostDType(x.dtype);
    const spec = { shape: ofHost.shape, dtype };
    this.return({ name, kind: 'output', spec }, this.#b.convert(ofHost, dtype));
  }

  exchanged(name: string, { shape, dtype }: Value): Value {
    const input = this.argument({ name, kind: 'input', spec: { shape, dtype: hostDType(dtype) } });
    return this.#b.convert(input, dtype);
  }

  /** Leaves a value on the device: each of a host's devices its own. */
  leave(name: string, x: Value): void {
    const spec = { shape: [1, ...x.shape], dtype: hostDType(x.dtype) };
    const value = this.#b.reshape(this.#b.convert(x, spec.dtype), spec.shape);
    this.return({ name, kind: 'state', spec, share: 0 }, value);
  }

  left(name: string, { shape, dtype }: Value): Value {
    const spec = { shape: [1, ...shape], dtype: hostDType(dtype) };
    const value = this.argument({ name, kind: 'state', spec, share: 0 });
    return this.#b.convert(this.#b.reshape(value, shape), dtype);
  }

  finish(name: string): TracedGraph {
    const part: TracedGraph = {
      name,
      devices: this.#devices,
      graph: this.#b.finish(this.#outputs),
      arguments: this.#arguments,
      results: this.#results,
    };
    verifyTraced(part);
    return part;
  }
}

function isExchange(node: Node): node is ExchangeNode {
  return node.op === 'allReduce' || node.op === 'allGather';
}
