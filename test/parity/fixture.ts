/**
 * Reads a parity case: `<name>.json` (config, formulas, notes) and, for most, `<name>.safetensors`.
 * The format is described in the README of the fixture folder.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Numbers of a fixture, whatever their stored dtype; 64-bit integers must be below 2^53. */
export interface FixtureTensor {
  readonly shape: readonly number[];
  /** As stored: F64, F32, BF16, I64, I32, I16, U8, BOOL. */
  readonly dtype: string;
  readonly data: Float64Array | Float32Array | Int32Array | Int16Array | Uint8Array;
}

export class Fixture {
  readonly name: string;
  readonly folder: string;
  /** The parsed `<name>.json`. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- every case has its own fields
  readonly json: any;
  readonly #tensors: ReadonlyMap<string, FixtureTensor>;

  constructor(folder: string, name: string) {
    this.folder = folder;
    this.name = name;
    this.json = JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8'));
    const tensors = path.join(folder, `${name}.safetensors`);
    this.#tensors = existsSync(tensors) ? readTensors(tensors) : new Map();
  }

  get tensorNames(): readonly string[] {
    return [...this.#tensors.keys()];
  }

  has(tensorName: string): boolean {
    return this.#tensors.has(tensorName);
  }

  tensor(tensorName: string): FixtureTensor {
    const tensor = this.#tensors.get(tensorName);
    if (tensor === undefined) throw new Error(`${this.name} has no tensor ${tensorName}`);
    return tensor;
  }

  /** Tensors whose names start with `prefix`, keyed by what follows it. */
  tensorsUnder(prefix: string): Record<string, FixtureTensor> {
    const names = this.tensorNames.filter((name) => name.startsWith(prefix));
    return Object.fromEntries(names.map((n) => [n.slice(prefix.length), this.tensor(n)]));
  }

  /** The value of a rank-0 tensor. */
  scalar(tensorName: string): number {
    return this.tensor(tensorName).data[0]!;
  }

  /** Absolute path of another file in the fixture folder. */
  file(...parts: readonly string[]): string {
    return path.join(this.folder, ...parts);
  }
}

/** `EDDY_FIXTURES`, else `../shared/fixtures` beside the repository root. */
export function fixtureFolder(): string {
  const root = path.resolve(import.meta.dirname, '../..');
  const folder = path.resolve(root, process.env['EDDY_FIXTURES'] ?? '../shared/fixtures');
  if (!existsSync(folder)) {
    throw new Error(
      `no parity fixtures in ${folder}: set EDDY_FIXTURES to a folder in the format of fixtures/README.md`,
    );
  }
  return folder;
}

/** Case names of a folder: one per `<name>.json`. */
export function listCases(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

function readTensors(file: string): Map<string, FixtureTensor> {
  const bytes = readFileSync(file);
  const headerSize = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerSize)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, FixtureTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [start, end] = entry.data_offsets.map((offset) => offset + 8 + headerSize);
    // A copy: the file aligns to bytes, typed arrays to their elements.
    const buffer = Uint8Array.from(bytes.subarray(start, end)).buffer;
    tensors.set(name, {
      shape: entry.shape,
      dtype: entry.dtype,
      data: decode(entry.dtype, buffer),
    });
  }
  return tensors;
}

function decode(dtype: string, buffer: ArrayBuffer): FixtureTensor['data'] {
  switch (dtype) {
    case 'F64':
      return new Float64Array(buffer);
    case 'F32':
      return new Float32Array(buffer);
    case 'BF16':
      // bfloat16 is the upper half of a float32.
      return new Float32Array(
        Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer,
      );
    case 'I64':
      return Float64Array.from(new BigInt64Array(buffer), Number);
    case 'I32':
      return new Int32Array(buffer);
    case 'I16':
      return new Int16Array(buffer);
    case 'U8':
    case 'BOOL':
      return new Uint8Array(buffer);
    default:
      throw new Error(`fixture dtype ${dtype} is not known`);
  }
}
