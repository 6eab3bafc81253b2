/** Dtypes of PyTorch that a state dict may hold, with the class that names their storage. */
import type { SafetensorsDType } from '@eddy/core/checkpoint';

export const TORCH_DTYPES = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
} as const satisfies Record<string, SafetensorsDType>;

export type TorchDType = (typeof TORCH_DTYPES)[keyof typeof TORCH_DTYPES];
