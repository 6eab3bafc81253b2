import { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import { printSpec } from '../../graph/print.ts';

import { callSite } from './call-site.ts';
import { traceEscapedTensor } from './errors.ts';

/** A graph being traced: the program, or inside it the body of a loop. */
export class TraceScope {
  readonly builder = new GraphBuilder();
  readonly parent: TraceScope | undefined;
  /** That run the program together. */
  readonly devices: number;
  private readonly captured = new Map<Value, { outer: Value; inner: Value }>();

  constructor(parent?: TraceScope, devices = parent?.devices ?? 1) {
    this.parent = parent;
    this.devices = devices;
  }

  /** Values of the parent that this scope used, in the order of its extra inputs. */
  get captures(): Value[] {
    return [...this.captured.values()].map(({ outer }) => outer);
  }

  /** A value of this scope that stands for `value`, which was made in `home`. */
  resolve(value: Value, home: TraceScope): Value {
    if (home === this) return value;
    const known = this.captured.get(value);
    if (known !== undefined) return known.inner;
    if (this.parent === undefined) throw traceEscapedTensor(printSpec(value), callSite().at);
    const outer = this.parent.resolve(value, home);
    const inner = this.builder.input(outer);
    this.captured.set(value, { outer, inner });
    return inner;
  }
}
