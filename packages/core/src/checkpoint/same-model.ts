/** The check that everything that loads weights makes: is the model the one they were trained in? */
import { identifiersDiffer, modelDiffers } from './errors.ts';
import {
  compareModels,
  sideText,
  type ModelDifference,
  type ModelIdentity,
} from './model-identity.ts';

export interface SameModelRequest {
  /** Where the weights lie, for messages. */
  readonly path: string;
  /** The model that the weights are to be used in. */
  readonly expected: ModelIdentity;
  /** `Plugin.adjustable` of that model. */
  readonly adjustable: readonly string[];
  /** What is recorded beside the weights; undefined where nothing is. */
  readonly received: ModelIdentity | undefined;
  /** True if a training goes on from its own state. */
  readonly isResume?: boolean;
  /** True if the user has said so: differences are reported in place of refused. */
  readonly allowed: boolean;
  /** The way to allow it, for the fix of the error; commands stand in backticks. */
  readonly override: string;
  readonly say: (level: 'info' | 'warning', text: string) => void;
}

/**
 * Refuses weights of another model; reports what could not be compared.
 *
 * @returns the differences that were allowed by the user
 * @throws MODEL_DIFFERS listing exactly the options that differ
 */
export function requireSameModel(request: SameModelRequest): readonly ModelDifference[] {
  const { path, expected, received, allowed, say } = request;
  if (received === undefined) {
    say('warning', unrecordedText(path));
    return [];
  }
  const { refused, noted } = compareModels(expected, received, request);
  if (refused.length > 0 && !allowed) {
    throw modelDiffers({ path, differences: refused, override: request.override });
  }
  for (const difference of noted) {
    const level = difference.name === 'version' ? 'warning' : 'info';
    say(level, `weights of ${path}: ${differenceText(difference)}`);
  }
  if (refused.length > 0) {
    const used = sideText(refused, 'expected');
    const trained = sideText(refused, 'received');
    say(
      'warning',
      `weights of another model allowed: ${path} was trained with ${trained}; used with ${used}`,
    );
  }
  return refused;
}

/**
 * Refuses a table whose rows belong to other identifiers: row 5 would be another task's.
 *
 * @throws IDENTIFIERS_DIFFER naming the first that differs
 */
export function requireSameRows(
  request: Pick<SameModelRequest, 'path' | 'allowed' | 'override' | 'say'> & {
    /** Names of the identifiers of the data. */
    readonly expected: readonly string[];
    /** Names beside the weights; undefined where they are not known. */
    readonly received: readonly string[] | undefined;
  },
): void {
  const { path, expected, received, allowed, say } = request;
  if (received === undefined) {
    say(
      'warning',
      `${path} does not record the identifiers of its puzzle embedding: rows are matched by index`,
    );
    return;
  }
  const count = Math.max(expected.length, received.length);
  const differing = Array.from({ length: count }, (_, row) => row).filter(
    (row) => expected[row] !== received[row],
  );
  const [row] = differing;
  if (row === undefined) return;
  const facts = {
    row,
    count: differing.length,
    expected: expected[row] ?? 'none',
    received: received[row] ?? 'none',
  };
  if (!allowed) throw identifiersDiffer({ path, override: request.override, ...facts });
  say(
    'warning',
    `rows of other identifiers allowed: ${facts.count} differ, the first is row ${row}: ` +
      `${facts.received} in ${path}, ${facts.expected} in the data`,
  );
}

/** What is said of weights that name no model. */
export function unrecordedText(path: string): string {
  return (
    `${path} does not record its model: only names and shapes of tensors are compared; ` +
    `options that change no shape (heads, positions, cycles, epsilon) are not`
  );
}

function differenceText({ name, expected, received }: ModelDifference): string {
  return `${name} is ${expected} here and was ${received} in training`;
}
