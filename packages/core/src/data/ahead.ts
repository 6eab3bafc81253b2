/**
 * Takes elements out of `source` before they are asked for, at most `depth`, in turns of the event
 * loop in which the consumer waits for something else (the engine).
 */
export async function* ahead<T>(source: Iterable<T>, depth = 2): AsyncGenerator<T, void, void> {
  const iterator = source[Symbol.iterator]();
  const ready: T[] = [];
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let scheduled: NodeJS.Immediate | undefined;

  const take = () => {
    try {
      const result = iterator.next();
      if (result.done === true) ended = true;
      else ready.push(result.value);
    } catch (error) {
      // Kept until the consumer asks: thrown here it would end the process.
      failure = { error };
      ended = true;
    }
  };
  const fill = () => {
    scheduled = undefined;
    if (ended || ready.length >= depth) return;
    take();
    scheduled = setImmediate(fill);
  };

  try {
    for (;;) {
      if (ready.length === 0 && !ended) take();
      if (ready.length === 0) {
        if (failure !== undefined) throw failure.error;
        return;
      }
      scheduled ??= setImmediate(fill);
      yield ready.shift()!;
    }
  } finally {
    if (scheduled !== undefined) clearImmediate(scheduled);
    iterator.return?.();
  }
}
