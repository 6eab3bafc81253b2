/** Between a state_dict of the original PyTorch code and our state: other names, some matrices transposed. */
import { sizeOf, type HostTensor, type HostTree } from '@eddy/tensor/spec';
import { modelSpecs } from './model-specs.ts';
import { stateDictMismatch, stateDictUnknown } from './errors.ts';
import type { Model, ReferenceTensor } from '../contracts/model.ts';

/** What torch.compile and DistributedDataParallel put in front of every name, in any order. */
const WRAPPERS = /^(?:_orig_mod\.|module\.)+/;

type Stated = Pick<Model, 'parameters' | 'buffers' | 'tables' | 'referenceTensors'>;

/**
 * Reads the original's tensors as the model's state.
 *
 * @param stateDict  float32 tensors by the original's names, with or without the
 *   prefixes of torch.compile (`_orig_mod.`) and DistributedDataParallel (`module.`).
 * @returns `parameters/<n>`, `buffers/<n>`, `tables/<n>`: all of the model's state.
 * @throws STATE_DICT_MISMATCH for a tensor that is missing, has another shape, or is not the model's.
 * @throws STATE_DICT_UNKNOWN when the model states no names.
 */
export function fromStateDict(model: Stated, stateDict: HostTree): HostTree {
  const known = new Set(Object.values(namesOf(model)).map(({ name }) => name));
  const plain = (name: string) => (known.has(name) ? name : name.replace(WRAPPERS, ''));
  const given = new Map(Object.entries(stateDict).map(([name, tensor]) => [plain(name), tensor]));
  const specs = modelSpecs(model);
  const state: Record<string, HostTensor> = {};
  for (const [ours, { name, transposed }] of Object.entries(namesOf(model))) {
    const tensor = given.get(name);
    const { shape } = specs[ours]!;
    const expected = transposed ? [...shape].reverse() : shape;
    if (tensor?.shape.join() !== expected.join()) {
      throw stateDictMismatch({
        name,
        expected: `shape [${expected.join(', ')}]`,
        received: tensor === undefined ? 'no such tensor' : `shape [${tensor.shape.join(', ')}]`,
      });
    }
    state[ours] = transposed ? transposeMatrix(tensor) : tensor;
    given.delete(name);
  }
  const [unread] = given.keys();
  if (unread !== undefined) {
    throw stateDictMismatch({
      name: unread,
      expected: 'only tensors of this model',
      received: 'a tensor that the model does not have',
    });
  }
  return state;
}

/**
 * Writes state, or gradients under the names of the state, as the original's state_dict.
 *
 * @param state  what is left out of it is left out of the result.
 * @throws STATE_DICT_UNKNOWN when the model states no names.
 */
export function toStateDict(model: Stated, state: HostTree): HostTree {
  const stateDict: Record<string, HostTensor> = {};
  for (const [ours, { name, transposed }] of Object.entries(namesOf(model))) {
    const tensor = state[ours];
    if (tensor === undefined) continue;
    stateDict[name] = transposed ? transposeMatrix(tensor) : tensor;
  }
  return stateDict;
}

function namesOf(model: Stated): Readonly<Record<string, ReferenceTensor>> {
  if (model.referenceTensors === undefined) throw stateDictUnknown();
  return model.referenceTensors;
}

function transposeMatrix({ shape, data }: HostTensor): HostTensor {
  const [rows, columns] = shape as [number, number];
  const swapped = new Float32Array(sizeOf(shape));
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) swapped[j * rows + i] = data[i * columns + j]!;
  }
  return { shape: [columns, rows], dtype: 'float32', data: swapped };
}
