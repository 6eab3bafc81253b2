/**
 * The header of NumPy's `.npy` files: magic, version, length, then a Python dict as text.
 *
 * @source numpy/lib/format.py, "NPY format", versions 1.0 to 3.0
 */

export type NpyDType = 'uint8' | 'int32' | 'int64';

export interface NpyHeader {
  readonly dtype: NpyDType;
  readonly shape: readonly number[];
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
const DESCRIPTIONS: Readonly<Record<NpyDType, string>> = {
  uint8: '|u1',
  int32: '<i4',
  int64: '<i8',
};
export const BYTES_PER_VALUE: Readonly<Record<NpyDType, number>> = { uint8: 1, int32: 4, int64: 8 };

/** Bytes that tell magic, version and the length of the text. */
export const NPY_PREFIX_BYTES = 12;
/** Headers written by NumPy have 118 bytes; nothing that we read needs many more. */
const MAX_TEXT_BYTES = 4096;
const MAX_AXES = 2;

/** Where the header's text lies, or what is wrong. */
export function locateText(prefix: Buffer): { from: number; to: number } | string {
  if (prefix.length < 10 || !prefix.subarray(0, 6).equals(MAGIC)) return 'no .npy file';
  const [major, minor] = [prefix[6]!, prefix[7]!];
  if (major < 1 || major > 3 || minor !== 0) return `.npy version ${major}.${minor}`;
  if (major > 1 && prefix.length < NPY_PREFIX_BYTES) return 'a header that is cut short';
  const from = major === 1 ? 10 : NPY_PREFIX_BYTES;
  const length = major === 1 ? prefix.readUInt16LE(8) : prefix.readUInt32LE(8);
  return length > MAX_TEXT_BYTES ? `a header of ${length} bytes` : { from, to: from + length };
}

/** An entry of the dict, and what follows it. NumPy writes texts in single quotes, and a tuple of one with a comma. */
const ENTRY =
  /^\s*'(\w+)'\s*:\s*('[^'\\]*'|True|False|\(\s*\)|\(\s*\d+\s*,\s*\)|\(\s*\d+(?:\s*,\s*\d+)+\s*,?\s*\))\s*(?:,|$)/;
const KEYS = 'descr, fortran_order and shape';

/** Reads the dict, with keys in any order and nothing besides; or says what is wrong. */
export function parseHeaderText(text: string): NpyHeader | string {
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  if (body === undefined) return 'a header that is no dict';
  const values = new Map<string, string>();
  for (let rest = body.trimEnd(); rest !== '';) {
    const [whole, key, value] = ENTRY.exec(rest) ?? [];
    if (whole === undefined || values.has(key!)) return `a header that is no dict of ${KEYS}`;
    values.set(key!, value!);
    rest = rest.slice(whole.length);
  }
  const [descr, order, axes] = ['descr', 'fortran_order', 'shape'].map((key) => values.get(key));
  const isWhole = values.size === 3 && descr?.startsWith("'") === true && axes?.startsWith('(') === true; // prettier-ignore
  if (!isWhole || (order !== 'True' && order !== 'False')) return `a header without ${KEYS}`;
  const dtype = (Object.keys(DESCRIPTIONS) as NpyDType[]).find(
    (known) => `'${DESCRIPTIONS[known]}'` === descr,
  );
  if (dtype === undefined) return `dtype ${descr.slice(1, -1)}`;
  const written = axes.match(/\d+/g) ?? [];
  const shape = written.map(Number);
  // Python has no number that begins with 0.
  const isPlain = written.every((axis) => !/^0\d/.test(axis)) && shape.every(Number.isSafeInteger);
  if (shape.length > MAX_AXES || !isPlain) return `shape ${axes}`;
  if (order === 'True' && shape.length > 1) return 'Fortran order';
  return { dtype, shape };
}

/**
 * A header of version 1.0, as NumPy pads it: always 128 bytes for our shapes, so that it can be
 * written again when the number of rows is known.
 */
export function npyHeader({ dtype, shape }: NpyHeader): Buffer {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${DESCRIPTIONS[dtype]}', 'fortran_order': False, 'shape': (${axes}), }`;
  const header = Buffer.alloc(128, ' ', 'latin1');
  MAGIC.copy(header);
  header[6] = 1;
  header[7] = 0;
  header.writeUInt16LE(header.length - 10, 8);
  header.write(text, 10, 'latin1');
  header[header.length - 1] = 0x0a;
  return header;
}
