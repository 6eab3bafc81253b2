import { describe, expect, it } from 'vitest';

import { GraphBuilder } from './builder.ts';
import type { Graph, Node } from './graph.ts';
import { verify } from './verify.ts';

function sum(): { builder: GraphBuilder; graph: Graph } {
  const builder = new GraphBuilder();
  const a = builder.input({ shape: [2, 3], dtype: 'float32' });
  const b = builder.input({ shape: [2, 3], dtype: 'float32' });
  return { builder, graph: builder.finish([builder.binary('add', a, b)]) };
}

const withNode = (graph: Graph, change: Partial<Node>): Graph => ({
  ...graph,
  nodes: [{ ...graph.nodes[0]!, ...change } as Node],
});

describe('verify', () => {
  it('accepts what the builder makes', () => {
    expect(() => verify(sum().graph)).not.toThrow();
  });

  it('names the node whose result has the wrong shape', () => {
    const { graph } = sum();
    const output = { shape: [3, 2], dtype: 'float32' as const };
    const broken = { ...withNode(graph, { outputs: [output] }), outputs: [output] };
    expect(() => verify(broken)).toThrowErrorMatchingInlineSnapshot(
      `[InternalError: internal: graph, node 0: float32[3,2] = add(float32[2,3], float32[2,3]): should be float32[2,3]]`,
    );
  });

  it('names the node that uses a value before it is made', () => {
    const { graph } = sum();
    const stranger = { shape: [2, 3], dtype: 'float32' as const };
    const broken = withNode(graph, { inputs: [graph.inputs[0]!, stranger] });
    expect(() => verify(broken)).toThrow(/node 0: .*add.*before it is made/);
  });

  it('finds operands that break the rule of the op', () => {
    const { graph } = sum();
    const [a] = graph.inputs;
    const other = { shape: [2, 3], dtype: 'int32' as const };
    const broken = { ...withNode(graph, { inputs: [a!, other] }), inputs: [a!, other] };
    expect(() => verify(broken)).toThrow('operands must have one dtype');
  });

  it('looks into loops', () => {
    const { graph: body } = sum();
    const builder = new GraphBuilder();
    const a = builder.input({ shape: [2, 3], dtype: 'float32' });
    const b = builder.input({ shape: [2, 3], dtype: 'float32' });
    const outputs = builder.append('while', [a, b], { times: 2, body });
    const graph = builder.finish(outputs);
    expect(() => verify(graph)).not.toThrow();
    const wrong = { ...body, nodes: [] };
    const broken = withNode(graph, { attrs: { times: 2, body: wrong } } as Partial<Node>);
    expect(() => verify(broken)).toThrow(/body of node 0/);
  });

  it('refuses wrong nodes where they are built', () => {
    const { builder, graph } = sum();
    const [a] = graph.inputs;
    expect(() => builder.reshape(a!, [5])).toThrow('reshape(float32[2,3]): sizes must be equal');
  });
});
