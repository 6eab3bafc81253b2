/** The thread of `BlockingKeyValues`: never imported. */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { workerData, type MessagePort } from 'node:worker_threads';

import type { Question, Reply } from './blocking-key-values.ts';
import { coordinatorAddress } from '../../hosts/coordinator-address.ts';
import type { KeyValueAnswer, KeyValueRequest } from './key-value-server.ts';

const RETRY_MS = 200;

const { coordinator, connectMs, port } = workerData as {
  readonly coordinator: string;
  readonly connectMs: number;
  readonly port: MessagePort;
};
const waiting = new Map<number, (answer: KeyValueAnswer) => void>();
const connected = connection();
connected.catch(() => undefined); // told to whoever asks something
let requests = 0;

port.on('message', (question: Question) => {
  void answerTo(question).then((reply) => {
    port.postMessage(reply);
    Atomics.store(question.answered, 0, 1);
    Atomics.notify(question.answered, 0);
  });
});

async function answerTo(question: Question): Promise<Reply> {
  try {
    const socket = await connected;
    const id = requests++;
    const request: KeyValueRequest =
      'put' in question
        ? { id, put: question.put, value: Buffer.from(question.value).toString('base64') }
        : { id, get: question.get, timeoutMs: question.timeoutMs };
    const { value } = await new Promise<KeyValueAnswer>((resolve) => {
      waiting.set(id, resolve);
      socket.write(`${JSON.stringify(request)}\n`);
    });
    return { value: value === null ? null : Uint8Array.from(Buffer.from(value, 'base64')) };
  } catch (error) {
    return { failure: `key-value store at ${coordinator}: ${String(error)}` };
  }
}

async function connection(): Promise<Socket> {
  const address = coordinatorAddress(coordinator)!;
  const until = performance.now() + connectMs;
  for (;;) {
    try {
      return await open(address.host, address.port);
    } catch (error) {
      if (performance.now() > until) throw error;
      await setTimeout(RETRY_MS);
    }
  }
}

function open(host: string, portNumber: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(portNumber, host, () => {
      createInterface({ input: socket }).on('line', (line) => {
        const answer = JSON.parse(line) as KeyValueAnswer;
        waiting.get(answer.id)?.(answer);
        waiting.delete(answer.id);
      });
      resolve(socket);
    });
    socket.on('error', reject);
    // Whoever waits would wait forever.
    socket.on('close', () => {
      for (const [id, answer] of waiting) answer({ id, value: null });
      waiting.clear();
    });
  });
}
