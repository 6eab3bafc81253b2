/**
 * The structs of the PJRT C API as JavaScript values: field offsets by the rules of the x86-64 and
 * AArch64 ABIs, values read and written in place. All of PJRT's structs hold only scalars and
 * pointers, and start with their own size and a pointer to extensions.
 */

export type FieldKind = 'pointer' | 'size' | 'int64' | 'int32' | 'float32' | 'bool';
export type Fields = Readonly<Record<string, FieldKind>>;
type ValueOf<K extends FieldKind> = K extends 'pointer' | 'size' | 'int64' ? bigint : number;

const BYTES: Record<FieldKind, number> = {
  pointer: 8,
  size: 8,
  int64: 8,
  int32: 4,
  float32: 4,
  bool: 1,
};

/** `struct_size` and `extension_start`. */
const HEADER_BYTES = 16;

/**
 * Zeroed room behind each struct, counted into `struct_size`: PJRT appends fields, and a plugin newer
 * than these layouts may refuse a struct that ends before the last field it knows. Zero stands for
 * "not given".
 */
const RESERVE_BYTES = 128;

export class StructLayout<F extends Fields> {
  readonly name: string;
  readonly fields: F;
  readonly offsets: ReadonlyMap<string, number>;
  /** End of the last field, without trailing padding. */
  readonly sizeBytes: number;

  /** @param fields  in the order of the C header, without `struct_size` and `extension_start`. */
  constructor(name: string, fields: F) {
    const offsets = new Map<string, number>();
    let end = HEADER_BYTES;
    for (const [field, kind] of Object.entries(fields)) {
      const offset = Math.ceil(end / BYTES[kind]) * BYTES[kind];
      offsets.set(field, offset);
      end = offset + BYTES[kind];
    }
    this.name = name;
    this.fields = fields;
    this.offsets = offsets;
    this.sizeBytes = end;
  }

  /** A struct of ours to pass to native code; what is not named is zero. */
  create(values: { readonly [N in keyof F]?: ValueOf<F[N]> } = {}): Struct<F> {
    const bytes = new Uint8Array(this.sizeBytes + RESERVE_BYTES);
    const value = new Struct(this, bytes);
    value.view.setBigUint64(0, BigInt(bytes.length), true);
    for (const field of Object.keys(values)) value.set(field, values[field]!);
    return value;
  }
}

/** One struct in memory. Keep it referenced for as long as native code may look at it. */
export class Struct<F extends Fields> {
  readonly layout: StructLayout<F>;
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(layout: StructLayout<F>, bytes: Uint8Array) {
    this.layout = layout;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get<N extends keyof F & string>(field: N): ValueOf<F[N]> {
    return this.#read(this.layout.fields[field]!, this.#offset(field)) as ValueOf<F[N]>;
  }

  set<N extends keyof F & string>(field: N, value: ValueOf<F[N]>): void {
    this.#write(this.layout.fields[field]!, this.#offset(field), value);
  }

  #offset(field: string): number {
    return this.layout.offsets.get(field)!;
  }

  #read(kind: FieldKind, offset: number): bigint | number {
    switch (kind) {
      case 'pointer':
      case 'size':
        return this.view.getBigUint64(offset, true);
      case 'int64':
        return this.view.getBigInt64(offset, true);
      case 'int32':
        return this.view.getInt32(offset, true);
      case 'float32':
        return this.view.getFloat32(offset, true);
      case 'bool':
        return this.view.getUint8(offset);
    }
  }

  #write(kind: FieldKind, offset: number, value: bigint | number): void {
    switch (kind) {
      case 'pointer':
      case 'size':
        this.view.setBigUint64(offset, value as bigint, true);
        break;
      case 'int64':
        this.view.setBigInt64(offset, value as bigint, true);
        break;
      case 'int32':
        this.view.setInt32(offset, value as number, true);
        break;
      case 'float32':
        this.view.setFloat32(offset, value as number, true);
        break;
      case 'bool':
        this.view.setUint8(offset, value as number);
        break;
    }
  }
}
