/**
 * Checks flatbuffers before a library decodes them: apache-arrow believes the lengths of vectors, and a damaged one
 * keeps it busy for hours.
 *
 * @source flatbuffers' binary format and its verifier (`verifier.h`), as far as vectors and tables go
 */

/** The thing that a field of a table refers to. Scalars, structs in the table and texts are not followed. */
export type Reference =
  | { readonly table: TableShape }
  | { readonly tables: TableShape }
  /** A vector of values of so many bytes each. */
  | { readonly values: number };

/** Field number → what it refers to. A shape may contain itself. */
export interface TableShape {
  readonly [field: number]: () => Reference;
}

/** A table that lies in its buffer with all that its shape says. */
export interface Table {
  readonly bytes: Buffer;
  readonly position: number;
}

/** More than any schema of ours has; tables may be shared, so that few bytes can stand for very many. */
const MOST_TABLES = 10_000;

/** @throws RangeError if a table or a vector does not lie in the buffer */
export function checkedRoot(bytes: Buffer, shape: TableShape): Table {
  let tables = 0;
  const check = (position: number, of: TableShape): void => {
    if (++tables > MOST_TABLES) throw new RangeError('a flatbuffer of too many tables');
    const { vtable, fields } = vtableOf({ bytes, position });
    for (const [field, reference] of Object.entries(of)) {
      if (Number(field) >= fields) continue;
      const offset = bytes.readUInt16LE(vtable + 4 + 2 * Number(field));
      if (offset === 0) continue;
      const target = follow(bytes, position + offset);
      const to = (reference as () => Reference)();
      if ('table' in to) check(target, to.table);
      else {
        const length = vectorLength(bytes, target, 'values' in to ? to.values : 4);
        if ('values' in to) continue;
        for (let i = 0; i < length; i++) check(follow(bytes, target + 4 + 4 * i), to.tables);
      }
    }
  };
  const position = follow(bytes, 0);
  check(position, shape);
  return { bytes, position };
}

/** Returns where a field lies in the buffer; undefined where it has its default. */
export function fieldPosition(table: Table, field: number): number | undefined {
  const { vtable, fields } = vtableOf(table);
  if (field >= fields) return undefined;
  const offset = table.bytes.readUInt16LE(vtable + 4 + 2 * field);
  return offset === 0 ? undefined : table.position + offset;
}

/** Returns where the values of a vector begin, and how many there are. */
export function vectorOf(
  table: Table,
  field: number,
  bytesEach: number,
): { readonly from: number; readonly length: number } {
  const position = fieldPosition(table, field);
  if (position === undefined) return { from: 0, length: 0 };
  const target = follow(table.bytes, position);
  return { from: target + 4, length: vectorLength(table.bytes, target, bytesEach) };
}

function vtableOf({ bytes, position }: Table): { vtable: number; fields: number } {
  const vtable = position - bytes.readInt32LE(position);
  const size = bytes.readUInt16LE(vtable);
  if (size < 4 || vtable + size > bytes.length) throw new RangeError('a vtable outside its buffer');
  return { vtable, fields: Math.floor((size - 4) / 2) };
}

function follow(bytes: Buffer, position: number): number {
  return position + bytes.readUInt32LE(position);
}

function vectorLength(bytes: Buffer, position: number, bytesEach: number): number {
  const length = bytes.readUInt32LE(position);
  if (position + 4 + length * bytesEach > bytes.length)
    throw new RangeError('a vector longer than its buffer');
  return length;
}
