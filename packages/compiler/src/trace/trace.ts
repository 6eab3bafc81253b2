import { engine, removeBackend, setBackend } from '@tensorflow/tfjs-core';
// Programs differentiate: TF.js' gradients must be there.
import '@eddy/tfjs';
import type { Program, ProgramResult, Share, SpecTree, TensorSpec, TensorTree } from '@eddy/tensor';

import type { GraphArgument, GraphResult, TracedGraph, Value } from '../graph/graph.ts';
import { sameShape } from '../ops/define/value.ts';
import { printSpec } from '../graph/print.ts';
import { divides, partsOf } from '../graph/split.ts';
import { verifyTraced } from '../graph/verify.ts';

import { callSite } from './capture/call-site.ts';
import type { CaptureBackend } from './capture/capture-backend.ts';
import { firstDifference } from './compare-graphs.ts';
import type { Composites } from './capture/composites.ts';
import { traceBadResult, traceNotDeterministic, traceUnsupportedOp } from './capture/errors.ts';
import { inTidy } from './capture/in-tidy.ts';
import { CAPTURE_BACKEND, captureBackend } from './register.ts';
import type { TraceScope } from './capture/scope.ts';

export interface TraceOptions {
  /** The kernels of the target, put in place of what they compute. */
  readonly composites?: Composites;
  /** To cut the program over: as many of them as can share its rows equally (see `Program.sharing`). */
  readonly devices?: number;
  /** That have equally many of the devices, and of those that it is cut over; on one device where they can't. */
  readonly hosts?: number;
}

/**
 * Runs a program once with tensors that stand for values and returns the graph of what it did:
 * forward pass, TF.js's backward pass, updates and all.
 *
 * The program is run twice and the graphs compared, because random numbers and clocks reach TF.js as
 * plain values. Leaves TF.js's backend and tensor count as they were.
 *
 * @throws TRACE_VALUE_READ TRACE_NOT_DETERMINISTIC TRACE_FOREIGN_TENSOR TRACE_UNSUPPORTED_OP
 *   TRACE_UNSUPPORTED_DTYPE TRACE_ESCAPED_TENSOR TRACE_REPEAT_STATE TRACE_RESULT_MISMATCH
 */
export function trace(program: Program, options: TraceOptions = {}): TracedGraph {
  const traced = traceOnce(program, options);
  requireSameTrace(program, traced, options);
  return traced;
}

/** As `trace`, for a caller that calls `requireSameTrace` when there is time for it. */
export function traceOnce(
  program: Program,
  { composites = {}, devices = 1, hosts = 1 }: TraceOptions = {},
): TracedGraph {
  const runsOn = devicesFor(program, devices, hosts);
  return onCaptureBackend(composites, (backend) => record(program, backend, runsOn));
}

/** @throws TRACE_NOT_DETERMINISTIC where running the program again gives another graph. */
export function requireSameTrace(
  program: Program,
  { graph }: TracedGraph,
  options: TraceOptions = {},
): void {
  const difference = firstDifference(graph, traceOnce(program, options).graph);
  if (difference !== undefined) throw traceNotDeterministic(program.name, difference);
}

function devicesFor({ sharing, state, inputs }: Program, devices: number, hosts: number): number {
  if (sharing === undefined) return 1;
  const counts = Array.from({ length: devices / hosts }, (_, i) => devices - i * hosts);
  return (
    counts.find(
      (count) =>
        divides(state, sharing.state, count) &&
        divides(inputs, sharing.inputs, count) &&
        (sharing.rows ?? 0) % count === 0,
    ) ?? 1
  );
}

const STACK_TRACE_LIMIT = 100;

function onCaptureBackend<T>(composites: Composites, f: (backend: CaptureBackend) => T): T {
  // `getBackend()` would start a backend where none runs yet.
  const previous = engine().backendName as string | null | undefined;
  const backend = captureBackend();
  backend.composites = composites;
  // TF.js puts more frames than the usual ten between a kernel and the user's line.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = STACK_TRACE_LIMIT;
  // The factory is synchronous, so setBackend is done when it returns.
  void setBackend(CAPTURE_BACKEND);
  try {
    return f(backend);
  } catch (error) {
    throw unsupportedOpFrom(error) ?? error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    backend.composites = {};
    backend.forgetPendingRead();
    // A backend that is current cannot be unset in another way.
    if (previous == null) removeBackend(CAPTURE_BACKEND);
    else void setBackend(previous);
  }
}

function record(program: Program, backend: CaptureBackend, devices: number): TracedGraph {
  const sharing = devices === 1 ? {} : (program.sharing ?? {});
  const programState = partsOf(program.state, sharing.state, devices);
  const programInputs = partsOf(program.inputs, sharing.inputs, devices);
  const trace = (scope: TraceScope): TracedGraph =>
    inTidy(() => {
      const symbols = (specs: SpecTree): TensorTree =>
        Object.fromEntries(
          Object.entries(specs).map(([name, spec]) => {
            const info = backend.tensorInfo(scope.builder.input(spec));
            return [name, engine().makeTensorFromTensorInfo(info)];
          }),
        );
      const state = symbols(programState);
      const inputs = symbols(programInputs);
      const result = program.run(state, inputs);
      backend.throwPendingRead();

      const outputs: Value[] = [];
      const results: GraphResult[] = [];
      const collect = (tree: TensorTree, kind: GraphResult['kind'], shares: Shares = {}) => {
        for (const [name, tensor] of Object.entries(tree)) {
          const value = backend.valueFor(tensor);
          const spec: TensorSpec = {
            shape: [...tensor.shape],
            dtype: tensor.dtype as TensorSpec['dtype'],
          };
          if (kind === 'state') checkState(program, name, spec, programState);
          outputs.push(value);
          results.push({ name, kind, spec, ...shareOf(shares, name) });
        }
      };
      collect(inStateOrder(program, result.state), 'state', sharing.state);
      collect(result.outputs, 'output', sharing.outputs);
      const traced: TracedGraph = {
        name: program.name,
        devices,
        graph: scope.builder.finish(outputs),
        arguments: [
          ...argumentsOf(programState, 'state', sharing.state),
          ...argumentsOf(programInputs, 'input', sharing.inputs),
        ],
        results,
      };
      verifyTraced(traced);
      disposeKept(result);
      return traced;
    });
  return backend.inScope(trace, devices);
}

type Shares = Readonly<Record<string, Share>>;

function shareOf(shares: Shares, name: string): { readonly share?: Share } {
  const share = shares[name];
  return share === undefined ? {} : { share };
}

/** What the program returned may be exempt from tidy by `tf.keep` (the only way out of `tf.grads`). */
function disposeKept({ state, outputs }: ProgramResult): void {
  for (const tensor of [...Object.values(state), ...Object.values(outputs)]) {
    if (tensor.kept && !tensor.isDisposed) tensor.dispose();
  }
}

function argumentsOf(
  specs: SpecTree,
  kind: GraphArgument['kind'],
  shares: Shares = {},
): GraphArgument[] {
  return Object.entries(specs).map(([name, spec]) => ({
    name,
    kind,
    spec,
    ...shareOf(shares, name),
  }));
}

/** Results in the order in which the program declares its state; unknown names stay, to be refused. */
function inStateOrder(program: Program, state: TensorTree): TensorTree {
  const known = Object.keys(program.state).filter((name) => name in state);
  const unknown = Object.keys(state).filter((name) => !(name in program.state));
  return Object.fromEntries([...known, ...unknown].map((name) => [name, state[name]!]));
}

function checkState(program: Program, name: string, spec: TensorSpec, state: SpecTree): void {
  const declared = state[name];
  if (declared === undefined) {
    const names = Object.keys(program.state).join(', ');
    throw traceBadResult(program.name, `state ${name}`, `one of ${names}`, name);
  }
  if (declared.dtype === spec.dtype && sameShape(declared.shape, spec.shape)) return;
  throw traceBadResult(program.name, `state ${name}`, printSpec(declared), printSpec(spec));
}

/** TF.js reports a missing kernel as a plain error. */
function unsupportedOpFrom(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const kernelName = /^Kernel '(.*)' not registered for backend 'capture'/.exec(error.message)?.[1];
  return kernelName === undefined ? undefined : traceUnsupportedOp(kernelName, callSite(error).at);
}
