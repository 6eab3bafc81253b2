/** The script of the worker that a page starts: a model, away from what draws. */
import type { Reply, Request } from './messages.ts';
import { createServer } from './serve.ts';

/** What is used of a worker's global scope. */
interface WorkerScope {
  onmessage: (event: { readonly data: Request }) => void;
  postMessage(message: Reply): void;
}

const scope = globalThis as unknown as WorkerScope;
const serve = createServer((reply) => scope.postMessage(reply));
scope.onmessage = ({ data }) => serve(data);
