import { opOf } from '../ops/index.ts';
import { regionsOf, type Graph } from './graph.ts';

/**
 * Counts the FLOPs of the matrix products; a multiply and an add count as two. Loops are multiplied out. What a kernel
 * computes a second time does not count: the scores in attention's gradient.
 */
export function flopsOf(graph: Graph): number {
  return graph.nodes.reduce((total, node) => {
    const times = node.op === 'while' ? node.attrs.times : 1;
    const inRegions = regionsOf(node).reduce((sum, region) => sum + flopsOf(region), 0);
    return total + opOf(node.op).flops(node as never) + times * inRegions;
  }, 0);
}
