/** A first state with the weights of another run in it: `train.loadCheckpoint`. */
import type { Model } from '../../contracts/model.ts';
import type { HostTensor, HostTree, SpecTree } from '@eddy/tensor/spec';
import { weightsMismatch } from './errors.ts';
import { averageOf } from '../step/state.ts';
import { modelSpecs } from '../../model/model-specs.ts';
import type { StoredWeights } from './stored-weights.ts';
import { mapRows, type RowPolicy, type Rows } from './table-rows.ts';

export interface StartingWeights {
  readonly weights: StoredWeights;
  readonly table: RowPolicy;
  readonly unseen: 'mean' | 'reset';
  /** Names of this run's identifiers. */
  readonly identifiers: readonly string[];
}

/**
 * Puts weights into the state before the first step. Parameters and buffers must agree in names and
 * shapes; rows of tables go to their identifiers; the average starts anew from the parameters.
 *
 * @throws WEIGHTS_MISMATCH naming every difference
 * @returns the state, and what was done in words
 */
export function withWeights(
  model: Model,
  initial: HostTree,
  start: StartingWeights,
): { readonly state: HostTree; readonly summary: string } {
  const { weights } = start;
  requireWeights(model, weights, start.table);
  const notes = [`weights of ${weights.averaged ? 'the average in ' : ''}${weights.path}`];
  const parameters = pick(weights.tree, 'parameters/');
  const averaged = Object.keys(initial).some((name) => name.startsWith('average/'));
  const tables = Object.fromEntries(
    Object.keys(model.tables).map((table) => {
      const target = initial[`tables/${table}`]!;
      const source = weights.tree[`tables/${table}`];
      if (source === undefined || start.table === 'reset') return [`tables/${table}`, target];
      const mapped = mapRows(
        rowsOf(source, weights.identifiers),
        rowsOf(target, start.identifiers),
        start.table,
        start.unseen,
      );
      notes.push(`${mapped.taken} of ${target.shape[0]} rows of ${table} loaded`);
      return [`tables/${table}`, mapped.table];
    }),
  );
  const state = {
    ...initial,
    ...parameters,
    ...pick(weights.tree, 'buffers/'),
    ...tables,
    ...(averaged ? averageOf(parameters) : {}),
  };
  return { state, summary: notes.join('; ') };
}

/** Names count only where there is one for each row. */
function rowsOf(table: HostTensor, names: readonly string[] | undefined): Rows {
  return { table, names: names?.length === table.shape[0] ? names : undefined };
}

function pick(tree: HostTree, folder: string): HostTree {
  return Object.fromEntries(Object.entries(tree).filter(([name]) => name.startsWith(folder)));
}

/**
 * @param table  rows may differ in number unless they are to keep their places
 * @throws WEIGHTS_MISMATCH naming every difference
 */
export function requireWeights(
  model: Model,
  weights: StoredWeights,
  table: RowPolicy = 'by-index',
): void {
  const expected = modelSpecs(model);
  const received: SpecTree = weights.tree;
  const differences: string[] = [];
  for (const name of new Set([...Object.keys(expected), ...Object.keys(received)])) {
    const isTable = name.startsWith('tables/');
    if (isTable && table === 'reset') continue;
    const describe = (spec: SpecTree[string] | undefined): string => {
      if (spec === undefined) return 'absent';
      const shape = isTable && table !== 'by-index' ? ['rows', spec.shape[1]] : spec.shape;
      return `${spec.dtype}[${shape.join(',')}]`;
    };
    const [wanted, found] = [describe(expected[name]), describe(received[name])];
    if (wanted !== found) differences.push(`${name}: expected ${wanted}, received ${found}`);
  }
  if (differences.length > 0) throw weightsMismatch(weights.path, differences);
}
