import { regionsOf, type Graph, type Node, type Value } from '../graph/graph.ts';

/** Who reads each value: a node, once for each operand that it is, or the graph's results. */
export function usersOf(graph: Graph): Map<Value, (Node | 'result')[]> {
  const users = new Map<Value, (Node | 'result')[]>();
  const add = (value: Value, user: Node | 'result') => {
    const known = users.get(value);
    if (known === undefined) users.set(value, [user]);
    else known.push(user);
  };
  const visit = (region: Graph) => {
    for (const node of region.nodes) {
      for (const input of node.inputs) add(input, node);
      for (const inner of regionsOf(node)) visit(inner);
    }
    for (const output of region.outputs) add(output, 'result');
  };
  visit(graph);
  return users;
}
