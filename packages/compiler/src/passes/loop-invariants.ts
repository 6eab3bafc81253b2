import { hostDType, GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';

import { rewrite } from './rewrite.ts';
import { splatOf } from './splat.ts';

type WhileNode = Extract<Node, { op: 'while' }>;

/** Cheap to repeat and large to keep: these stay inside. */
const STAYS: ReadonlySet<Node['op']> = new Set(['broadcastInDim', 'while']);

/**
 * Computes before a loop what is the same in each of its turns (e.g. weights rounded to bfloat16),
 * and moves literals inside. State that the body hands on unchanged counts as the same.
 */
export function loopInvariants(graph: Graph): Graph {
  return rewrite(graph, (node, inputs, b) =>
    node.op === 'while' ? hoist(node, inputs, b) : undefined,
  );
}

function hoist(node: WhileNode, operands: readonly Value[], outside: GraphBuilder): Value[] {
  const { times, body } = node.attrs;
  const changes = (slot: number) =>
    slot < body.outputs.length && body.outputs[slot] !== body.inputs[slot];
  const slots = body.inputs.flatMap((_, slot) => (changes(slot) ? [slot] : []));

  const inside = new GraphBuilder();
  /** Values of the old body by where they live now; an invariant enters when it is used inside. */
  const inner = new Map<Value, Value>();
  const invariant = new Map<Value, Value>();
  const entered: Value[] = [];
  body.inputs.forEach((input, slot) => {
    if (changes(slot)) inner.set(input, inside.input(input));
    else invariant.set(input, operands[slot]!);
  });
  const useInside = (value: Value): Value => {
    const known = inner.get(value);
    if (known !== undefined) return known;
    const outer = invariant.get(value)!;
    const splat = splatOf(outside, outer);
    const entry =
      splat === undefined || outer.dtype === 'bfloat16'
        ? inside.input(outer)
        : inside.fill(splat, outer.shape, hostDType(outer.dtype));
    if (splat === undefined || outer.dtype === 'bfloat16') entered.push(outer);
    inner.set(value, entry);
    return entry;
  };

  for (const part of body.nodes) {
    const moves =
      part.inputs.length > 0 &&
      !STAYS.has(part.op) &&
      part.inputs.every((input) => invariant.has(input));
    const target = moves ? outside : inside;
    const inputs = part.inputs.map((input) => (moves ? invariant.get(input)! : useInside(input)));
    const results = target.append(part.op, inputs, part.attrs);
    part.outputs.forEach((output, i) => (moves ? invariant : inner).set(output, results[i]!));
  }

  const results = new Map<number, Value>();
  // Loops inside see now which of their operands are literals.
  const newBody = loopInvariants(
    inside.finish(slots.map((slot) => useInside(body.outputs[slot]!))),
  );
  if (slots.length > 0) {
    outside
      .append('while', [...slots.map((slot) => operands[slot]!), ...entered], {
        times,
        body: newBody,
      })
      .forEach((value, i) => results.set(slots[i]!, value));
  }
  return node.outputs.map((_, slot) => results.get(slot) ?? operands[slot]!);
}
