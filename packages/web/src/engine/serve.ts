/** Runs a model for a page, in a worker or in the page itself. */
import { setBackend } from '@tensorflow/tfjs-core';

import { Solver, type Question, type WebThought } from '../model/solver.ts';
import type { WebModel } from '../model/web-model.ts';
import { startWasm, startWebgpu, type BackendName } from './backends.ts';
import type { Reply, Request } from './messages.ts';

/** Halt logits on a GPU may differ by so much from those of WebAssembly. */
const MAX_HALT_DIFFERENCE = 1e-3;

/** Answers requests one after the other; `stop` ends the one that is being answered. */
export function createServer(reply: (message: Reply) => void): (request: Request) => void {
  let queue: Promise<unknown> = Promise.resolve();
  let solver: Solver | undefined;
  let stopped = 0;
  let asked = 0;

  const open = async (request: Extract<Request, { type: 'open' }>) => {
    const opened = await openModel(request);
    solver = opened.solver;
    reply({ type: 'opened', backend: opened.backend, ...(opened.note && { note: opened.note }) });
  };
  const think = async (request: Extract<Request, { type: 'think' }>, turn: number) => {
    const { id, question, steps, untilHalt } = request;
    if (solver === undefined) throw new Error('no model was opened');
    let count = 0;
    for await (const thought of solver.steps(question)) {
      if (turn <= stopped) break;
      reply({ type: 'thought', id, thought });
      count += 1;
      if (count === steps || (untilHalt && (thought.halt ?? 0) > 0)) break;
      // Messages get their turn, `stop` among them.
      await nextTask();
    }
    reply({ type: 'done', id });
  };
  return (request) => {
    if (request.type === 'stop') {
      stopped = asked;
      return;
    }
    asked += 1;
    const turn = asked;
    queue = queue
      .then(() => (request.type === 'open' ? open(request) : think(request, turn)))
      .catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        reply({ type: 'failed', message, ...(request.type === 'think' && { id: request.id }) });
      });
  };
}

interface Opened {
  readonly solver: Solver;
  readonly backend: BackendName;
  readonly note?: string;
}

/** Starts a backend and loads the model: WebGPU where it answers as WebAssembly does, and sooner. */
async function openModel({
  header,
  bytes,
  wasm,
  backend,
}: Extract<Request, { type: 'open' }>): Promise<Opened> {
  const model: WebModel = { header, bytes };
  await startWasm(wasm);
  const onWasm = new Solver(model);
  const plain = (note?: string): Opened => ({
    solver: onWasm,
    backend: 'wasm',
    ...(note && { note }),
  });
  if (backend === 'wasm') return plain();
  if (!(await startWebgpu())) {
    await setBackend('wasm');
    return plain(backend === 'webgpu' ? 'this browser has no WebGPU' : undefined);
  }
  const compared = await compareBackends(model, onWasm, backend === 'auto').catch(
    (error: unknown) => `WebGPU failed: ${String(error)}`,
  );
  if (typeof compared !== 'string') return { solver: compared, backend: 'webgpu' };
  await setBackend('wasm');
  return plain(compared);
}

/** Returns a solver on WebGPU, or why WebAssembly is better. */
async function compareBackends(
  model: WebModel,
  onWasm: Solver,
  mustBeFaster: boolean,
): Promise<Solver | string> {
  const question = firstQuestion(model);
  const onGpu = new Solver(model);
  // The first step compiles shaders, so that its time says nothing.
  const [given, again] = await firstThoughts(onGpu, question, 2);
  await setBackend('wasm');
  const [expected] = await firstThoughts(onWasm, question, 1);
  const haltDifference = Math.abs((given!.halt ?? 0) - (expected!.halt ?? 0));
  if (given!.preds.some((token, i) => token !== expected!.preds[i])) {
    return 'WebGPU is not used: its answer differs from that of WebAssembly';
  }
  if (haltDifference > MAX_HALT_DIFFERENCE) {
    return `WebGPU is not used: its halt logit differs by ${haltDifference.toPrecision(2)}`;
  }
  if (mustBeFaster && again!.ms > expected!.ms) {
    return `WebGPU is not used: a step takes ${again!.ms.toFixed(0)} ms, and ${expected!.ms.toFixed(0)} ms on WebAssembly`;
  }
  await setBackend('webgpu');
  return onGpu;
}

function firstQuestion({ header: { about } }: WebModel): Question {
  const [example] = about.examples;
  const input = example?.input ?? new Uint8Array(about.seqLen).fill(1);
  return { input, identifier: example?.identifier ?? about.blankIdentifier };
}

async function firstThoughts(
  solver: Solver,
  question: Question,
  count: number,
): Promise<readonly WebThought[]> {
  const thoughts: WebThought[] = [];
  for await (const thought of solver.steps(question)) {
    thoughts.push(thought);
    if (thoughts.length === count) break;
  }
  return thoughts;
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
