/** Which parameters and tables a run trains; the rest keeps its values. */
import type { Model, ParameterSpec, TableSpec } from '../../contracts/model.ts';
import { freezeUnmatched, nothingToTrain } from './errors.ts';
import type { TrainingParts, FrozenNames } from './parts.ts';

/** `all`: every parameter, so that only tables are trained. Or patterns of names, `*` for any text. */
export type Freeze = 'all' | readonly string[];

type PartsWithFrozen = Pick<TrainingParts, 'model' | 'frozen'>;

/**
 * What `train.freeze` names.
 *
 * @throws FREEZE_UNMATCHED for a pattern that no parameter and no table matches
 */
export function frozenNames(model: Model, freeze: Freeze): FrozenNames {
  const names = [
    ...Object.keys(model.parameters).map((name) => ({ name, folder: 'parameters' })),
    ...Object.keys(model.tables).map((name) => ({ name, folder: 'tables' })),
  ];
  if (freeze === 'all') {
    return new Set(Object.keys(model.parameters).map((name) => `parameters/${name}`));
  }
  return new Set(
    freeze.flatMap((pattern) => {
      const expression = new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`);
      const matched = names.filter(({ name }) => expression.test(name));
      if (matched.length === 0) {
        throw freezeUnmatched(
          pattern,
          names.map(({ name }) => name),
        );
      }
      return matched.map(({ name, folder }) => `${folder}/${name}`);
    }),
  );
}

export function trainedParameters(parts: PartsWithFrozen): Record<string, ParameterSpec> {
  return trained('parameters', parts.model.parameters, parts.frozen);
}

export function trainedTables(parts: PartsWithFrozen): Record<string, TableSpec> {
  return trained('tables', parts.model.tables, parts.frozen);
}

/** @throws NOTHING_TO_TRAIN */
export function requireTrained(parts: PartsWithFrozen): void {
  const count =
    Object.keys(trainedParameters(parts)).length + Object.keys(trainedTables(parts)).length;
  if (count === 0) throw nothingToTrain(Object.keys(parts.model.tables));
}

/** Text that a regular expression takes literally. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function trained<T>(
  folder: string,
  specs: Readonly<Record<string, T>>,
  frozen: FrozenNames | undefined,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(specs).filter(([name]) => frozen?.has(`${folder}/${name}`) !== true),
  );
}
