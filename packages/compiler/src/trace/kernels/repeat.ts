/** `repeat` of @eddy/tensor: the body is traced once, into the region of a `while` node. */
import { engine, type KernelFunc } from '@tensorflow/tfjs-core';
import type { RepeatBody } from '@eddy/tensor';

import type { ValueSpec } from '../../graph/graph.ts';
import { sameShape } from '../../ops/define/value.ts';
import { printSpec } from '../../graph/print.ts';
import { callSite } from '../capture/call-site.ts';
import type { CaptureBackend } from '../capture/capture-backend.ts';
import { traceBadRepeat } from '../capture/errors.ts';
import { inTidy } from '../capture/in-tidy.ts';

export const repeatKernel: KernelFunc = ({ inputs, attrs, backend: anyBackend }) => {
  const backend = anyBackend as CaptureBackend;
  const { times, body } = attrs as unknown as { times: number; body: RepeatBody };
  const state = Object.values(inputs).map((tensor) => backend.valueFor(tensor!));

  /** Runs the body on values of the current scope. */
  const runBody = (values: typeof state) =>
    inTidy(() => {
      const tensors = values.map((value) =>
        engine().makeTensorFromTensorInfo(backend.tensorInfo(value)),
      );
      const results = body(tensors).map((tensor) => backend.valueFor(tensor));
      checkState(values, results);
      return results;
    });

  if (times === 1) return runBody(state).map((value) => backend.tensorInfo(value));

  const { graph, captures } = backend.inScope((scope) => {
    const results = runBody(state.map((value) => scope.builder.input(value)));
    return { graph: scope.builder.finish(results), captures: scope.captures };
  });
  return backend.scope.builder
    .append('while', [...state, ...captures], { times, body: graph })
    .map((value) => backend.tensorInfo(value));
};

function checkState(given: readonly ValueSpec[], returned: readonly ValueSpec[]): void {
  const fits =
    given.length === returned.length &&
    given.every((spec, i) => {
      const result = returned[i]!;
      return spec.dtype === result.dtype && sameShape(spec.shape, result.shape);
    });
  if (fits) return;
  const show = (specs: readonly ValueSpec[]) => specs.map(printSpec).join(', ');
  throw traceBadRepeat(show(given), show(returned), callSite().at);
}
