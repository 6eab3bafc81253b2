import { InternalError, sizeOf, type DType } from '@eddy/tensor';
import {
  KernelBackend,
  Tensor,
  type BackendValues,
  type DataId,
  type DataType,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

import type { Value } from '../../graph/graph.ts';
import { printSpec } from '../../graph/print.ts';

import { callSite } from './call-site.ts';
import {
  traceDisposedTensor,
  traceForeignTensor,
  traceUnsupportedDType,
  traceValueRead,
} from './errors.ts';
import type { Composites } from './composites.ts';
import { literal } from './constants.ts';
import { TraceScope } from './scope.ts';

/** A tensor of complex numbers. */
export interface Complex {
  readonly real: Value;
  readonly imaginary: Value;
}

interface TracedData {
  /** The real part where the tensor is complex. */
  readonly value: Value;
  readonly imaginary?: Value;
  readonly scope: TraceScope;
}

/** The TF.js backend whose tensors are values of a graph. */
export class CaptureBackend extends KernelBackend {
  private readonly data = new Map<DataId, TracedData>();
  private current: TraceScope | undefined;
  /** Of the target that is traced for. */
  composites: Composites = {};
  private pendingRead: Error | undefined;

  /** Runs `f` with a fresh scope inside the current one. */
  inScope<T>(f: (scope: TraceScope) => T, devices?: number): T {
    const outer = this.current;
    this.current = new TraceScope(outer, devices);
    try {
      return f(this.current);
    } finally {
      this.current = outer;
    }
  }

  get scope(): TraceScope {
    if (this.current === undefined) {
      throw new InternalError('the capture backend is used outside of trace()');
    }
    return this.current;
  }

  /** A new tensor for a value of the current scope. */
  tensorInfo(value: Value): TensorInfo {
    if (value.dtype === 'bfloat16') throw new InternalError('bfloat16 value while tracing');
    const dataId = {};
    this.data.set(dataId, { value, scope: this.scope });
    return { dataId, shape: [...value.shape], dtype: value.dtype };
  }

  /** A new tensor of complex numbers of the current scope. */
  complexInfo({ real, imaginary }: Complex): TensorInfo {
    const dataId = {};
    this.data.set(dataId, { value: real, imaginary, scope: this.scope });
    return { dataId, shape: [...real.shape], dtype: 'complex64' };
  }

  /** The value of the current scope behind a tensor. @throws TRACE_UNSUPPORTED_DTYPE if it is complex. */
  valueFor(tensor: TensorInfo | Tensor): Value {
    const { value, imaginary, scope } = this.tracedData(tensor);
    if (imaginary !== undefined) throw traceUnsupportedDType('complex64', callSite().at);
    return this.scope.resolve(value, scope);
  }

  /** The parts of a tensor; of real numbers, an imaginary part of zeros. */
  complexFor(tensor: TensorInfo | Tensor): Complex {
    const { value, imaginary, scope } = this.tracedData(tensor);
    const real = this.scope.resolve(value, scope);
    if (imaginary !== undefined) return { real, imaginary: this.scope.resolve(imaginary, scope) };
    return { real, imaginary: this.scope.builder.fillLike(real, 0) };
  }

  private tracedData(tensor: TensorInfo | Tensor): TracedData {
    const traced = this.data.get(tensor.dataId);
    if (traced !== undefined) return traced;
    const spec = `${tensor.dtype}[${tensor.shape.join(',')}]`;
    const isDisposed = tensor instanceof Tensor && tensor.isDisposed;
    throw (isDisposed ? traceDisposedTensor : traceForeignTensor)(spec, callSite().at);
  }

  /** An asynchronous read cannot throw where it is called: this throws it afterwards. */
  throwPendingRead(): void {
    if (this.pendingRead !== undefined) throw this.pendingRead;
  }

  /** Of a program that failed otherwise: the next one has not made it. */
  forgetPendingRead(): void {
    this.pendingRead = undefined;
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const type = checkedDType(dtype);
    if (values.length !== sizeOf(shape)) {
      throw new InternalError(`${values.length} values for ${printSpec({ shape, dtype: type })}`);
    }
    const value = literal(this.scope.builder, values as ArrayLike<number>, shape, type);
    return this.tensorInfo(value).dataId;
  }

  override move(_dataId: DataId, _values: BackendValues, shape: number[], dtype: DataType): void {
    throw traceForeignTensor(`${dtype}[${shape.join(',')}]`, callSite().at);
  }

  override readSync(): BackendValues {
    const { called, at } = callSite();
    throw traceValueRead(called, at);
  }

  override read(): Promise<BackendValues> {
    const { called, at } = callSite();
    this.pendingRead ??= traceValueRead(called, at);
    return new Promise(() => undefined);
  }

  // Every tensor has a data id of its own (values are immutable), so one reference is all there is.
  override refCount(dataId: DataId): number {
    return this.data.has(dataId) ? 1 : 0;
  }

  override incRef(): void {
    throw new InternalError('a traced tensor is never shared');
  }

  override disposeData(dataId: DataId): boolean {
    this.data.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.data.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override timerAvailable(): boolean {
    return false;
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {
    this.data.clear();
  }
}

export function checkedDType(dtype: DataType): DType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw traceUnsupportedDType(dtype, callSite().at);
}
