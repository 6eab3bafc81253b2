/** Graphs of random nodes with odd shapes and values: what passes and compilers must not change. */
import { sizeOf, type DType, type HostTree } from '@eddy/tensor';

import { constantData, GraphBuilder } from '../graph/builder.ts';
import { InvalidNodeError } from '../ops/define/errors.ts';
import type { Graph, Value, ValueSpec } from '../graph/graph.ts';
import { sameShape, type ConstantData } from '../ops/define/value.ts';
import { BINARY, DIRECTIONS, DTYPES, FLOATS, INTS, REDUCTIONS, UNARY } from './random-values.ts';

/** A whole number from 0 up to, not including, `below`. */
export type Draw = (below: number) => number;

interface RandomGraph {
  readonly graph: Graph;
  /** By the names that `tracedGraph` gives. */
  readonly inputs: HostTree;
}

interface RandomGraphOptions {
  /** Nodes that are tried; some have no fitting operands. */
  readonly tries: number;
  /** Whether marks of precision are among them. */
  readonly marks?: boolean;
}

const MAX_NDIM = 4;
const MAX_SIZE = 200;
const MAX_TIMES = 3;
const ALL = 1000;

export function randomGraph(draw: Draw, options: RandomGraphOptions): RandomGraph {
  const writer = new RandomWriter(draw, options.marks === true);
  const specs = Array.from({ length: 2 + draw(3) }, () => writer.spec());
  const inputs = specs.map((spec) => writer.input(spec));
  writer.writeNodes(options.tries, true);
  const outputs = [...writer.last(draw(2) === 0 ? 1 + draw(3) : ALL), ...inputs.slice(0, draw(2))];
  const tensors = specs.map((spec, i) => [`x${i}`, { ...spec, data: writer.data(spec) }] as const);
  return { graph: writer.finish(outputs), inputs: Object.fromEntries(tensors) };
}

class RandomWriter {
  readonly #b = new GraphBuilder();
  readonly #values: Value[] = [];
  readonly #draw: Draw;
  readonly #marks: boolean;

  constructor(draw: Draw, marks: boolean) {
    this.#draw = draw;
    this.#marks = marks;
  }

  input(spec: ValueSpec): Value {
    const value = this.#b.input(spec);
    this.#values.push(value);
    return value;
  }

  finish(outputs: readonly Value[]): Graph {
    return this.#b.finish(outputs);
  }

  /** The last ones, on which most of the others have gone. */
  last(count: number): Value[] {
    return this.#values.slice(-count);
  }

  spec(): { readonly shape: readonly number[]; readonly dtype: DType } {
    return { shape: this.#shape(), dtype: this.#pick(DTYPES) };
  }

  data({ shape, dtype }: ValueSpec): ConstantData {
    const numbers = dtype === 'float32' ? FLOATS : dtype === 'int32' ? INTS : [0, 1];
    const isSplat = this.#draw(4) === 0;
    const first = this.#pick(numbers);
    const values = Array.from({ length: sizeOf(shape) }, () =>
      isSplat ? first : this.#pick(numbers),
    );
    return constantData(values, dtype as DType);
  }

  writeNodes(tries: number, withLoops: boolean): void {
    const writers = [
      () => this.#unary(),
      () => this.#binary(),
      () => this.#binary(),
      () => this.#compare(),
      () => this.#select(),
      () => this.#convert(),
      () => this.#literal(),
      () => this.#iota(),
      () => this.#reshape(),
      () => this.#transpose(),
      () => this.#broadcast(),
      () => this.#slice(),
      () => this.#pad(),
      () => this.#concatenate(),
      () => this.#reverse(),
      () => this.#gather(),
      () => this.#scatter(),
      () => this.#dot(),
      () => this.#reduce(),
      () => this.#convolution(),
      () => this.#reduceWindow(),
      () => this.#selectAndScatter(),
      () => this.#sort(),
      () => this.#store(),
      () => this.#fence(),
      ...(withLoops ? [() => this.#loop()] : []),
    ];
    for (let i = 0; i < tries; i++) {
      try {
        const made = this.#pick(writers)();
        this.#values.push(...made.filter(({ shape }) => sizeOf(shape) <= MAX_SIZE));
      } catch (error) {
        // What was drawn fits no operand that there is.
        if (!(error instanceof InvalidNodeError)) throw error;
      }
    }
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#draw(list.length)]!;
  }

  #shape(): number[] {
    return Array.from({ length: this.#draw(MAX_NDIM) }, () => this.#pick([0, 1, 1, 2, 2, 3]));
  }

  #any(fits: (value: Value) => boolean = () => true): Value {
    const fitting = this.#values.filter(fits);
    if (fitting.length === 0) throw new InvalidNodeError('no such operand');
    return this.#pick(fitting);
  }

  /** A value of this shape and dtype: one that is there, spread if need be, or a literal. */
  #alike({ shape, dtype }: ValueSpec): Value {
    const fits = (value: Value) =>
      value.dtype === dtype &&
      value.shape.length <= shape.length &&
      value.shape.every((dim, i) => {
        const whole = shape[i + shape.length - value.shape.length]!;
        return dim === whole || dim === 1;
      });
    const fitting = this.#values.filter(fits);
    const known = this.#draw(3) > 0 && fitting.length > 0;
    const value = known ? this.#pick(fitting) : this.#constant({ shape, dtype });
    return this.#b.broadcast(value, shape);
  }

  #constant({ shape, dtype }: ValueSpec): Value {
    const b = this.#b;
    const data = this.data({ shape, dtype });
    if (this.#draw(2) === 0 || data.length === 0) {
      return b.fill(data[0] ?? 0, shape, dtype as DType);
    }
    return b.emit('constant', [], { shape, dtype: dtype as DType, data });
  }

  #unary(): Value[] {
    const x = this.#any();
    return [this.#b.emit(this.#pick(UNARY[x.dtype as DType]), [x])];
  }

  #binary(): Value[] {
    const x = this.#any();
    const op = this.#pick(BINARY[x.dtype as DType]);
    const operands = [x, this.#alike(x)];
    return [this.#b.emit(op, this.#draw(2) === 0 ? operands : operands.reverse())];
  }

  #compare(): Value[] {
    const x = this.#any();
    return [this.#b.compare(this.#pick(DIRECTIONS), x, this.#alike(x))];
  }

  #select(): Value[] {
    const x = this.#any();
    const condition = this.#alike({ shape: x.shape, dtype: 'bool' });
    return [this.#b.emit('select', [condition, x, this.#alike(x)])];
  }

  #convert(): Value[] {
    return [this.#b.convert(this.#any(), this.#pick(DTYPES))];
  }

  #literal(): Value[] {
    return [this.#constant(this.spec())];
  }

  #iota(): Value[] {
    const shape = [...this.#shape(), 3];
    const dtype = this.#pick(['float32', 'int32'] as const);
    return [this.#b.emit('iota', [], { shape, dtype, axis: this.#draw(shape.length) })];
  }

  #reshape(): Value[] {
    const x = this.#any();
    const size = sizeOf(x.shape);
    const factors = [2, 3].filter((factor) => size % factor === 0);
    const shapes = [
      [size],
      [1, ...x.shape],
      [...x.shape, 1],
      x.shape.filter((dim) => dim !== 1),
      x.shape.toReversed(),
      ...(size === 1 ? [[]] : []),
      ...factors.map((factor) => [factor, size / factor]),
    ];
    return [this.#b.emit('reshape', [x], { shape: this.#pick(shapes) })];
  }

  #permutation(ndim: number): number[] {
    const left = Array.from({ length: ndim }, (_, axis) => axis);
    return Array.from({ length: ndim }, () => left.splice(this.#draw(left.length), 1)[0]!);
  }

  #transpose(): Value[] {
    const x = this.#any();
    return [this.#b.emit('transpose', [x], { permutation: this.#permutation(x.shape.length) })];
  }

  /** New axes anywhere, and axes of size 1 stretched. */
  #broadcast(): Value[] {
    const x = this.#any(({ shape }) => shape.length < MAX_NDIM);
    const shape: number[] = [];
    const axes: number[] = [];
    for (const dim of x.shape) {
      if (this.#draw(3) === 0) shape.push(this.#pick([1, 2]));
      axes.push(shape.length);
      shape.push(dim === 1 ? this.#pick([1, 3]) : dim);
    }
    if (this.#draw(2) === 0) shape.push(this.#pick([1, 2, 0]));
    return [this.#b.emit('broadcastInDim', [x], { shape, axes })];
  }

  #slice(): Value[] {
    const x = this.#any();
    const start = x.shape.map((dim) => this.#draw(dim + 1));
    const limit = x.shape.map((dim, axis) => start[axis]! + this.#draw(dim + 1 - start[axis]!));
    const strides = x.shape.map(() => 1 + this.#draw(2));
    return [this.#b.emit('slice', [x], { start, limit, strides })];
  }

  #pad(): Value[] {
    const x = this.#any();
    const fill = this.#alike({ shape: [], dtype: x.dtype });
    const counts = () => x.shape.map(() => this.#draw(2));
    return [this.#b.emit('pad', [x, fill], { low: counts(), high: counts() })];
  }

  #concatenate(): Value[] {
    const x = this.#any(({ shape }) => shape.length > 0);
    const axis = this.#draw(x.shape.length);
    const others = (shape: readonly number[]) => shape.map((dim, i) => (i === axis ? 0 : dim));
    const parts = Array.from({ length: 1 + this.#draw(3) }, () =>
      this.#any(
        ({ shape, dtype }) => dtype === x.dtype && sameShape(others(shape), others(x.shape)),
      ),
    );
    return [this.#b.emit('concatenate', parts, { axis })];
  }

  #reverse(): Value[] {
    const x = this.#any(({ shape }) => shape.length > 0);
    return [this.#b.emit('reverse', [x], { axes: [this.#draw(x.shape.length)] })];
  }

  #ids(): Value {
    return this.#alike({ shape: [1 + this.#draw(3)], dtype: 'int32' });
  }

  #gather(): Value[] {
    const rows = this.#any(({ shape }) => (shape[0] ?? 0) > 0);
    return [this.#b.emit('gatherRows', [rows, this.#ids()])];
  }

  #scatter(): Value[] {
    const rows = this.#any(({ shape }) => (shape[0] ?? 0) > 0);
    // Of equal ids that replace, any may win.
    const mayAdd = rows.dtype !== 'bool';
    const ids = mayAdd ? this.#ids() : this.#alike({ shape: [1], dtype: 'int32' });
    const updates = this.#alike({
      shape: [ids.shape[0]!, ...rows.shape.slice(1)],
      dtype: rows.dtype,
    });
    const combine = mayAdd ? 'add' : 'replace';
    return [this.#b.emit('scatterRows', [rows, ids, updates], { combine })];
  }

  #dot(): Value[] {
    const a = this.#any(({ dtype }) => dtype !== 'bool');
    const left = this.#permutation(a.shape.length).slice(0, this.#draw(a.shape.length + 1));
    const numBatch = this.#draw(left.length + 1);
    const free = Array.from({ length: this.#draw(2) }, () => 1 + this.#draw(2));
    const shape = [...left.map((axis) => a.shape[axis]!), ...free];
    const b = this.#alike({ shape, dtype: a.dtype });
    const right = left.map((_, i) => i);
    return [
      this.#b.emit('dot', [a, b], {
        batch: [left.slice(0, numBatch), right.slice(0, numBatch)],
        contract: [left.slice(numBatch), right.slice(numBatch)],
        dtype: a.dtype,
      }),
    ];
  }

  #reduce(): Value[] {
    const x = this.#any();
    const axes = this.#permutation(x.shape.length).slice(0, this.#draw(x.shape.length + 1));
    const kind = this.#pick(REDUCTIONS[x.dtype as DType]);
    return [this.#b.emit('reduce', [x], { kind, axes })];
  }

  /** Without zeros around or between: next to infinity it is open whether they are multiplied. */
  #convolution(): Value[] {
    const x = this.#any(({ shape, dtype }) => dtype === 'float32' && shape.length >= 3);
    const space = x.shape.slice(1, -1);
    const window = space.map(() => 1 + this.#draw(2));
    const kernel = [...window, x.shape.at(-1)!, 1 + this.#draw(2)];
    const sizes = (below: number) => space.map(() => 1 + this.#draw(below));
    const none = space.map(() => 0);
    const operands = [x, this.#alike({ shape: kernel, dtype: 'float32' })];
    return [
      this.#b.emit('convolution', operands, {
        strides: sizes(2),
        low: none,
        high: none,
        inputDilation: space.map(() => 1),
        kernelDilation: sizes(2),
      }),
    ];
  }

  #windows({ shape }: ValueSpec) {
    const sizes = () => shape.map(() => 1 + this.#draw(2));
    const counts = () => shape.map(() => this.#draw(2));
    return { window: sizes(), strides: sizes(), low: counts(), high: counts() };
  }

  #reduceWindow(): Value[] {
    const x = this.#any(({ dtype }) => dtype !== 'bool');
    const kind = this.#pick(['sum', 'max', 'min'] as const);
    return [this.#b.emit('reduceWindow', [x], { kind, ...this.#windows(x) })];
  }

  /** Of integers: which element is the largest among NaN is left open. */
  #selectAndScatter(): Value[] {
    const x = this.#any(({ dtype }) => dtype === 'int32');
    const windows = this.#windows(x);
    const { shape } = this.#b.emit('reduceWindow', [x], { kind: 'max', ...windows });
    const updates = this.#alike({ shape, dtype: 'int32' });
    return [this.#b.emit('selectAndScatter', [x, updates], windows)];
  }

  #sort(): Value[] {
    const x = this.#any(({ shape, dtype }) => shape.length > 0 && dtype !== 'bool');
    return [...this.#b.append('sortDescending', [x], { axis: this.#draw(x.shape.length) })];
  }

  #store(): Value[] {
    if (this.#marks && this.#draw(3) > 0) {
      const x = this.#any(({ dtype }) => dtype === 'float32');
      return [this.#b.emit('precision', [x], { dtype: 'bfloat16' })];
    }
    return [this.#b.emit('barrier', [this.#any()])];
  }

  #fence(): Value[] {
    const operands = [this.#any(), this.#any()];
    return [...this.#b.append('fence', operands, { isCheap: this.#draw(2) === 0 })];
  }

  /** State and values from outside; the body hands on, changes or swaps what it is given. */
  #loop(): Value[] {
    const numState = 1 + this.#draw(3);
    const operands = Array.from({ length: numState + this.#draw(3) }, () => this.#any());
    const inside = new RandomWriter(this.#draw, this.#marks);
    const inputs = operands.map((operand) => inside.input(operand));
    inside.writeNodes(this.#draw(8), this.#draw(4) === 0);
    const outputs = inputs.slice(0, numState).map((input) => {
      const fitting = inside.#values.filter(
        ({ shape, dtype }) => dtype === input.dtype && sameShape(shape, input.shape),
      );
      return inside.#pick(fitting.slice(-3));
    });
    const body = inside.finish(outputs);
    return [...this.#b.append('while', operands, { times: 1 + this.#draw(MAX_TIMES), body })];
  }
}
