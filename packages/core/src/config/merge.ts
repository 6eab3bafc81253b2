/** Deep merge of configs: maps merge key by key, everything else is replaced. */
import type { ConfigNode, MapNode } from './config-node.ts';

/**
 * `over` laid on `base`. Lists replace lists. A map whose `use` names another plugin replaces the
 * whole map: the options of one plugin mean nothing to another.
 */
export function merge(base: ConfigNode | undefined, over: ConfigNode): ConfigNode {
  if (base?.kind !== 'map' || over.kind !== 'map' || namesAnotherPlugin(base, over)) return over;
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    entries.set(key, { ...entry, node: merge(base.entries.get(key)?.node, entry.node) });
  }
  const { removed } = base;
  return {
    kind: 'map',
    entries,
    origin: over.origin,
    ...(removed === undefined ? {} : { removed }),
  };
}

function namesAnotherPlugin(base: MapNode, over: MapNode): boolean {
  const [before, after] = [base, over].map((map) => map.entries.get('use')?.node);
  if (before?.kind !== 'scalar' || after?.kind !== 'scalar') return false;
  return before.value !== after.value;
}
