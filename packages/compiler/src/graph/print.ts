/** A graph as text: one node a line, values numbered in order of appearance. */
import { isRegion, type ConstantData } from '../ops/define/value.ts';
import { regionsOf, type Graph, type Node, type Value, type ValueSpec } from './graph.ts';

/** e.g. `%4:float32[2,3] = add %1, %2`; regions are indented. Literals over 16 elements are cut short. */
export function printGraph(graph: Graph): string {
  return new Printer().graph(graph, '').join('\n');
}

export function printSpec({ shape, dtype }: ValueSpec): string {
  return `${dtype}[${shape.join(',')}]`;
}

/** One node with its operands' types, for messages. */
export function printNode(node: Node): string {
  const operands = node.inputs.map(printSpec).join(', ');
  const results = node.outputs.map(printSpec).join(', ');
  return `${results} = ${node.op}(${operands})${printAttrs(node)}`;
}

class Printer {
  private readonly names = new Map<Value, string>();

  graph(graph: Graph, indent: string): string[] {
    const inputs = graph.inputs.map((input) => this.define(input)).join(', ');
    const lines = [`${indent}(${inputs}) {`];
    for (const node of graph.nodes) lines.push(...this.node(node, `${indent}  `));
    lines.push(`${indent}  return ${graph.outputs.map((v) => this.name(v)).join(', ')}`);
    lines.push(`${indent}}`);
    return lines;
  }

  private node(node: Node, indent: string): string[] {
    const operands = node.inputs.map((input) => this.name(input)).join(', ');
    const results = node.outputs.map((output) => this.define(output)).join(', ');
    const call = `${indent}${results} = ${node.op}${operands === '' ? '' : ` ${operands}`}`;
    const line = `${call}${printAttrs(node)}`;
    return regionsOf(node).reduce(
      (lines, region) => {
        const [head, ...body] = this.graph(region, indent);
        return [...lines.slice(0, -1), `${lines.at(-1)!} ${head!.trimStart()}`, ...body];
      },
      [line],
    );
  }

  private define(value: Value): string {
    const name = `%${this.names.size}`;
    this.names.set(value, name);
    return `${name}:${printSpec(value)}`;
  }

  private name(value: Value): string {
    return this.names.get(value) ?? '%undefined';
  }
}

function printAttrs(node: Node): string {
  const attrs = Object.entries(node.attrs)
    .filter(([name]) => !(node.op === 'constant' && (name === 'shape' || name === 'dtype')))
    .filter(([, value]) => !isRegion(value))
    .map(([name, value]) => `${name}=${printAttr(value)}`);
  return attrs.length === 0 ? '' : ` {${attrs.join(', ')}}`;
}

function printAttr(value: unknown): string {
  if (ArrayBuffer.isView(value)) return printData(value as ConstantData);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function printData(data: ConstantData): string {
  const shown = Array.from(data.subarray(0, 16), (x) => (Object.is(x, -0) ? '-0' : String(x)));
  const rest = data.length - shown.length;
  return `[${shown.join(',')}${rest > 0 ? `, … ${rest} more` : ''}]`;
}
