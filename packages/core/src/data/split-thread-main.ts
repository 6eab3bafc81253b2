/** The other end of `SplitThread`. */
import { parentPort } from 'node:worker_threads';

import { openSplitFile, type SplitFile } from './split-file.ts';
import type { Done, Reply, Request } from './split-thread.ts';

const port = parentPort!;
let opened: Promise<SplitFile>;

/** Answers in the order of the requests, whichever is done first. */
let answered: Promise<void> = Promise.resolve();

port.on('message', (request: Request) => {
  const reply = perform(request).then((done): Reply => ({ done }), failure);
  answered = answered.then(async () => {
    port.postMessage(await reply);
  });
});

async function perform(request: Request): Promise<Done> {
  if ('open' in request) {
    opened = openSplitFile(request.open.file, request.open.vocabSize);
    await opened;
    return undefined;
  }
  const file = await opened;
  if ('write' in request) return file.write(request.write);
  if ('finish' in request) return file.finish();
  await file.close();
  return undefined;
}

/** Structured cloning keeps an error's message and loses the rest. */
function failure(error: unknown): Reply {
  const { message, code, errno, syscall, path } = error as NodeJS.ErrnoException;
  return { failed: { message, code, errno, syscall, path } };
}
