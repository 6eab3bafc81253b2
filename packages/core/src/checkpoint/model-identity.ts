/**
 * Which model stored weights belong to. Equal shapes are not an equal model: the number of heads, the
 * encoding of positions, cycles or an epsilon shape no tensor, yet other values make another function
 * of the same weights.
 */
import { z } from 'zod';

/** The model that weights were trained in, as checkpoints and exported files record it. */
export interface ModelIdentity {
  /** Name of the model plugin. */
  readonly use: string;
  /** Package that brought the plugin; of a local file the name of the file. */
  readonly package: string;
  /** Version of the package; `sha256:…` of a local file. */
  readonly version: string;
  /** Every option of the model, defaults included. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The shape of the data that the model was made for. */
  readonly dataset: ModelDataset;
}

export interface ModelDataset {
  readonly task: string;
  readonly vocabSize: number;
  readonly seqLen: number;
  readonly numPuzzleIdentifiers: number;
}

export const modelIdentitySchema = z.looseObject({
  use: z.string(),
  package: z.string(),
  version: z.string(),
  options: z.record(z.string(), z.unknown()),
  dataset: z.looseObject({
    task: z.string(),
    vocabSize: z.int(),
    seqLen: z.int(),
    numPuzzleIdentifiers: z.int(),
  }),
});

/** One thing in which two models differ; values as text. */
export interface ModelDifference {
  /** An option such as `numHeads`, or `model`, `package`, `version`, `task`, `vocabSize`, `seqLen`. */
  readonly name: string;
  readonly expected: string;
  readonly received: string;
}

export interface ComparedModels {
  /** Differences that make it another model. */
  readonly refused: readonly ModelDifference[];
  /** Differences that are worth a notice. */
  readonly noted: readonly ModelDifference[];
}

/** Makes an identity from a described plugin and the shape of its data. */
export function modelIdentity(
  part: Omit<ModelIdentity, 'dataset'>,
  { task, vocabSize, seqLen, numPuzzleIdentifiers }: ModelDataset,
): ModelIdentity {
  const { use, package: from, version } = part;
  return {
    use,
    package: from,
    version,
    // As it will be read back: without undefined values.
    options: JSON.parse(JSON.stringify(part.options)) as Record<string, unknown>,
    dataset: { task, vocabSize, seqLen, numPuzzleIdentifiers },
  };
}

/** Key under which exported files carry the identity as JSON. */
export const IDENTITY_METADATA = 'eddy.model';

/** The identity in the metadata of a safetensors file; undefined where there is none. */
export function modelInMetadata(metadata: ReadonlyMap<string, string>): ModelIdentity | undefined {
  try {
    return modelIdentitySchema.parse(JSON.parse(metadata.get(IDENTITY_METADATA) ?? 'null'));
  } catch {
    return undefined;
  }
}

/**
 * Compares the model that stored weights are to be used in with the one that they were trained in.
 *
 * @param adjustable  options whose difference is noted, not refused (`Plugin.adjustable`)
 * @param isResume  true if the training goes on: then nothing but the version of a package may differ
 */
export function compareModels(
  expected: ModelIdentity,
  received: ModelIdentity,
  { adjustable, isResume = false }: { adjustable: readonly string[]; isResume?: boolean },
): ComparedModels {
  const differences = differencesOf(expected, received);
  const isNoted = ({ name }: ModelDifference): boolean => {
    // A later version of a package reads the weights of earlier ones; a file that was changed is another model.
    if (name === 'version') return !isLocal(expected) && !isLocal(received);
    return !isResume && (name === 'task' || adjustable.includes(name.split('.', 1)[0]!));
  };
  return {
    refused: differences.filter((difference) => !isNoted(difference)),
    noted: differences.filter(isNoted),
  };
}

/** True for a plugin that is a file of the user's, whose version is the hash of its text. */
function isLocal({ version }: ModelIdentity): boolean {
  return version.startsWith('sha256:');
}

/** Differences as they are recorded in the metadata of a checkpoint. */
export function differencesJson(
  differences: readonly ModelDifference[],
): { readonly [name: string]: string }[] {
  return differences.map(({ name, expected, received }) => ({ name, expected, received }));
}

/** `numHeads 4, positionEncoding "rope"`, of one side. */
export function sideText(
  differences: readonly ModelDifference[],
  side: 'expected' | 'received',
): string {
  return differences.map((difference) => `${difference.name} ${difference[side]}`).join(', ');
}

function differencesOf(expected: ModelIdentity, received: ModelIdentity): ModelDifference[] {
  const differences: ModelDifference[] = [];
  const compare = (name: string, one: unknown, other: unknown) => {
    const [a, b] = [textOf(one), textOf(other)];
    if (a !== b) differences.push({ name, expected: a, received: b });
  };
  compare('model', expected.use, received.use);
  compare('package', expected.package, received.package);
  // Options of another plugin mean something else.
  if (differences.length === 0) {
    compare('version', expected.version, received.version);
    const [own, stored] = [flattened(expected.options), flattened(received.options)];
    for (const name of new Set([...own.keys(), ...stored.keys()])) {
      compare(name, own.get(name), stored.get(name));
    }
  }
  for (const name of ['vocabSize', 'seqLen', 'task'] as const) {
    compare(name, expected.dataset[name], received.dataset[name]);
  }
  return differences;
}

/** Key path → value: an option may hold further options. */
function flattened(options: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  const add = (path: string, value: unknown): void => {
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isMap) flat.set(path, value);
    else for (const [key, item] of Object.entries(value)) add(`${path}.${key}`, item);
  };
  for (const [key, value] of Object.entries(options)) add(key, value);
  return flat;
}

function textOf(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
