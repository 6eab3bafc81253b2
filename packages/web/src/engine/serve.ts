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

/** Starts a backend and loads the model. WebGPU is used where it answers a first puzzle as WebAssembly does. */
async function openModel({
  header,
  bytes,
  wasm,
  backend,
}: Extract<Request, { type: 'open' }>): Promise<Opened> {
  const model: WebModel = { header, bytes };
  await startWasm(wasm);
  const onWasm = new Solver(model);
  if (backend === 'wasm' || !(await startWebgpu())) {
    await setBackend('wasm');
    if (backend !== 'webgpu') return { solver: onWasm, backend: 'wasm' };
    return { solver: onWasm, backend: 'wasm', note: 'this browser has no WebGPU' };
  }
  const question = firstQuestion(model);
  const note = await difference(model, question, onWasm).catch((error: unknown) => String(error));
  if (typeof note === 'string') {
    await setBackend('wasm');
    return { solver: onWasm, backend: 'wasm', note: `WebGPU is not used: ${note}` };
  }
  return { solver: note, backend: 'webgpu' };
}

/** Returns a solver on WebGPU, or how its answer to a puzzle differs from that of WebAssembly. */
async function difference(
  model: WebModel,
  question: Question,
  onWasm: Solver,
): Promise<Solver | string> {
  const onGpu = new Solver(model);
  const given = await firstThought(onGpu, question);
  await setBackend('wasm');
  const expected = await firstThought(onWasm, question);
  await setBackend('webgpu');
  const haltDifference = Math.abs((given.halt ?? 0) - (expected.halt ?? 0));
  if (given.preds.every((token, i) => token === expected.preds[i])) {
    if (haltDifference <= MAX_HALT_DIFFERENCE) return onGpu;
    return `its halt logit differs by ${haltDifference.toPrecision(2)}`;
  }
  return 'its answer differs';
}

function firstQuestion({ header: { about } }: WebModel): Question {
  const [example] = about.examples;
  const input = example?.input ?? new Uint8Array(about.seqLen).fill(1);
  return { input, identifier: example?.identifier ?? about.blankIdentifier };
}

async function firstThought(solver: Solver, question: Question): Promise<WebThought> {
  for await (const thought of solver.steps(question)) return thought;
  throw new Error('a model takes at least one step');
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
