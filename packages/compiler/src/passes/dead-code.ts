import type { Graph, Node, Value } from '../graph/graph.ts';

type WhileNode = Extract<Node, { op: 'while' }>;

/** Drops nodes that no result needs; from loops also the state and operands that none needs. */
export function deadCode(graph: Graph): Graph {
  const live = new Set<Value>(graph.outputs);
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => live.has(output))) continue;
    const kept = node.op === 'while' ? pruneLoop(node, live) : node;
    for (const input of kept.inputs) live.add(input);
    nodes.push(kept);
  }
  return { ...graph, nodes: nodes.reverse() };
}

function pruneLoop(node: WhileNode, live: ReadonlySet<Value>): WhileNode {
  const body = deadCode(node.attrs.body);
  const numState = body.outputs.length;
  const keptState = new Set<number>(
    node.outputs.flatMap((output, slot) => (live.has(output) ? [slot] : [])),
  );
  // A slot is needed if the loop's result is, or if the next turn of a needed slot reads it.
  let needed: ReadonlySet<Value>;
  let before: number;
  do {
    before = keptState.size;
    needed = neededBy(
      body,
      [...keptState].map((slot) => body.outputs[slot]!),
    );
    body.inputs.slice(0, numState).forEach((input, slot) => {
      if (needed.has(input)) keptState.add(slot);
    });
  } while (keptState.size > before);

  const keepInput = (index: number) =>
    index < numState ? keptState.has(index) : needed.has(body.inputs[index]!);
  const keepSlot = (_: Value, slot: number) => keptState.has(slot);
  const pruned: Graph = {
    inputs: body.inputs.filter((_, index) => keepInput(index)),
    nodes: body.nodes,
    outputs: body.outputs.filter(keepSlot),
  };
  return {
    ...node,
    inputs: node.inputs.filter((_, index) => keepInput(index)),
    outputs: node.outputs.filter(keepSlot),
    attrs: { ...node.attrs, body: deadCode(pruned) },
  };
}

function neededBy(graph: Graph, outputs: readonly Value[]): Set<Value> {
  const needed = new Set<Value>(outputs);
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    for (const input of node.inputs) needed.add(input);
  }
  return needed;
}
