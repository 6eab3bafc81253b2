/** Runs a packed model once in Node, on the kernels that a page has. */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';

import { engine, env, findBackend, setBackend } from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

import { UnknownOperationError } from '../model/load-block.ts';
import { Solver, type Question } from '../model/solver.ts';
import type { WebModel } from '../model/web-model.ts';
import { webUnsupportedOp } from './errors.ts';

/**
 * Makes sure that a page can run the model: takes one supervision step.
 *
 * @throws WEB_UNSUPPORTED_OP
 */
export async function checkModel(model: WebModel): Promise<void> {
  const previous = engine().backendName as string | null | undefined;
  await startWasmInNode();
  let solver: Solver | undefined;
  try {
    solver = new Solver(model);
    for await (const _ of solver.steps(blankQuestion(model))) break;
  } catch (error) {
    if (error instanceof UnknownOperationError) throw webUnsupportedOp(error.op, error.message);
    throw error;
  } finally {
    solver?.dispose();
    if (previous) await setBackend(previous);
  }
}

async function startWasmInNode(): Promise<void> {
  if ((findBackend('wasm') as unknown) === null) {
    const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    setWasmPaths(`${dirname(main)}${sep}`);
  }
  await setBackend('wasm');
}

function blankQuestion({ header: { about } }: WebModel): Question {
  return { input: new Uint8Array(about.seqLen).fill(1), identifier: about.blankIdentifier };
}
