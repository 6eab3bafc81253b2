/** What the restricted unpickler can make: plain data, and descriptions of tensors. */
import type { TorchDType } from './torch-dtypes.ts';

/** Where the bytes of tensors lie in the archive. */
export interface StorageReference {
  readonly kind: 'storage';
  readonly dtype: TorchDType;
  /** The record `data/<key>`. */
  readonly key: string;
  readonly numElements: number;
}

/** A view of a storage, in elements. */
export interface TensorReference {
  readonly kind: 'tensor';
  readonly storage: StorageReference;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** The name of something that the allow-list knows. It is only a name: nothing is looked up by it. */
export interface GlobalReference {
  readonly kind: 'global';
  readonly name: string;
}

export interface Tuple {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}

export interface List {
  readonly kind: 'list';
  readonly items: PickleValue[];
}

/** dict and OrderedDict; attributes of the latter (`_metadata`) are dropped. */
export interface Dict {
  readonly kind: 'dict';
  readonly ordered: boolean;
  readonly entries: Map<string | number, PickleValue>;
}

export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Tuple
  | List
  | Dict
  | GlobalReference
  | StorageReference
  | TensorReference;

/** For messages: what a value is, never what it holds. */
export function describeValue(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (typeof value !== 'object')
    return { boolean: 'a bool', number: 'a number', string: 'a string' }[
      typeof value as 'boolean' | 'number' | 'string'
    ];
  return value.kind === 'global' ? `the global ${value.name}` : `a ${value.kind}`;
}
