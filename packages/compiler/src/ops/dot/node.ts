import type { OpNode } from '../define/op.ts';
import type { GraphDType, Value } from '../define/value.ts';

export interface DotAttrs {
  readonly batch: readonly [left: readonly number[], right: readonly number[]];
  readonly contract: readonly [left: readonly number[], right: readonly number[]];
  /** Of the result; accumulation is in float32 where the result is. */
  readonly dtype: GraphDType;
}

export interface DotNode extends OpNode<DotAttrs> {
  readonly inputs: readonly [left: Value, right: Value];
  readonly outputs: readonly [Value];
}
