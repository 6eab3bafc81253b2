/** The names that a pickled state dict may use, and what "calling" them describes. */
import {
  describeValue,
  type PickleValue,
  type StorageReference,
  type TensorReference,
} from './pickle-values.ts';
import { TORCH_DTYPES } from './torch-dtypes.ts';

export class ValueRefused extends Error {
  readonly expected: string;
  readonly received: string;

  constructor(message: string, expected: string, received: string) {
    super(message);
    this.expected = expected;
    this.received = received;
  }
}

type Call = (args: readonly PickleValue[]) => PickleValue;

const CALLS: Readonly<Record<string, Call>> = {
  'collections.OrderedDict': (args) => {
    if (args.length > 0) {
      throw new ValueRefused('collections.OrderedDict', 'no arguments', `${args.length}`);
    }
    return { kind: 'dict', ordered: true, entries: new Map() };
  },
  'torch._utils._rebuild_tensor_v2': rebuildTensor,
  /** (data, requires_grad, hooks): a parameter is its data. */
  'torch._utils._rebuild_parameter': (args) => {
    const [data] = args;
    if (args.length === 3 && isTensor(data)) return data;
    throw new ValueRefused('torch._utils._rebuild_parameter', 'a tensor', describeValue(data));
  },
};

const STORAGES = new Map(
  Object.entries(TORCH_DTYPES).map(([storage, dtype]) => [`torch.${storage}`, dtype]),
);

const MAX_NDIM = 16;

export function isAllowedGlobal(name: string): boolean {
  return Object.hasOwn(CALLS, name) || STORAGES.has(name);
}

/** @throws ValueRefused */
export function callGlobal(name: string, args: readonly PickleValue[]): PickleValue {
  if (Object.hasOwn(CALLS, name)) return CALLS[name]!(args);
  throw new ValueRefused('REDUCE', 'something that makes tensors', `a call of ${name}`);
}

/**
 * ('storage', class, key, location, number of elements). Where the tensor lay (`cuda:0`) is no
 * matter.
 *
 * @throws ValueRefused
 */
export function storageFromId(id: PickleValue): StorageReference {
  const [what, type, key, location, numElements] = itemsOf(id, 'BINPERSID');
  const dtype = isGlobal(type) ? STORAGES.get(type.name) : undefined;
  if (
    what !== 'storage' ||
    dtype === undefined ||
    typeof key !== 'string' ||
    !/^\d{1,9}$/.test(key) ||
    typeof location !== 'string' ||
    !isCount(numElements)
  ) {
    throw new ValueRefused(
      'BINPERSID',
      '("storage", torch.<Dtype>Storage, number, location, count)',
      `(${itemsOf(id, 'BINPERSID').map(describeValue).join(', ')})`,
    );
  }
  return { kind: 'storage', dtype, key, numElements };
}

/** (storage, offset, size, stride, requires_grad, backward_hooks[, metadata]) */
function rebuildTensor(args: readonly PickleValue[]): TensorReference {
  const name = 'torch._utils._rebuild_tensor_v2';
  const [storage, offset, size, stride] = args;
  const shape = itemsOf(size, name);
  const strides = itemsOf(stride, name);
  if (!isStorage(storage) || !isCount(offset) || !shape.every(isCount) || !strides.every(isCount)) {
    const received = args.map(describeValue).join(', ');
    throw new ValueRefused(name, 'storage, offset, size and stride', received);
  }
  if (shape.length !== strides.length || shape.length > MAX_NDIM) {
    const expected = `as many strides as dims, at most ${MAX_NDIM}`;
    throw new ValueRefused(name, expected, `${shape.length} and ${strides.length}`);
  }
  requireInside(name, { storage, offset, shape, strides });
  return { kind: 'tensor', storage, offset, shape, strides };
}

/** A view may not leave its storage, nor repeat it: that would make much of little. */
function requireInside(name: string, view: Omit<TensorReference, 'kind'>): void {
  const { storage, offset, shape, strides } = view;
  const size = shape.reduce((product, dim) => product * dim, 1);
  const last = shape.reduce((at, dim, axis) => at + (dim - 1) * strides[axis]!, offset);
  const fits = size === 0 ? offset <= storage.numElements : last < storage.numElements;
  if (fits && size <= storage.numElements) return;
  throw new ValueRefused(
    name,
    `a view inside its storage of ${storage.numElements} elements`,
    `offset ${offset}, size [${shape.join(', ')}], stride [${strides.join(', ')}]`,
  );
}

function itemsOf(value: PickleValue | undefined, what: string): readonly PickleValue[] {
  if (typeof value === 'object' && value?.kind === 'tuple') return value.items;
  throw new ValueRefused(what, 'a tuple', describeValue(value));
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isStorage(value: PickleValue | undefined): value is StorageReference {
  return typeof value === 'object' && value?.kind === 'storage';
}

function isTensor(value: PickleValue | undefined): value is TensorReference {
  return typeof value === 'object' && value?.kind === 'tensor';
}

function isGlobal(
  value: PickleValue | undefined,
): value is Extract<PickleValue, { kind: 'global' }> {
  return typeof value === 'object' && value?.kind === 'global';
}
