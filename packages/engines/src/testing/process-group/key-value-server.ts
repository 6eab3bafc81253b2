/**
 * Keys and values that the processes of a group share while they find one another. Lives with rank 0.
 *
 * One JSON object a line, values in base64: `{ id, put: key, value }`, `{ id, get: key, timeoutMs }`;
 * answered with `{ id, value }` (null: not put in time) in whatever order they are done. A timeout of 0
 * asks for what is there now.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export type KeyValueRequest =
  | { readonly id: number; readonly put: string; readonly value: string }
  | { readonly id: number; readonly get: string; readonly timeoutMs: number };

export interface KeyValueAnswer {
  readonly id: number;
  readonly value: string | null;
}

export class KeyValueServer {
  readonly #server: Server;
  readonly #values = new Map<string, string>();
  readonly #waiting = new Map<string, Set<(value: string) => void>>();
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** @param port  0 takes a free one. */
  static async listen(port: number, host?: string): Promise<KeyValueServer> {
    const started = new KeyValueServer();
    await new Promise<void>((resolve, reject) => {
      started.#server.once('error', reject);
      started.#server.listen({ port, ...(host !== undefined && { host }) }, resolve);
    });
    return started;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    // A process of the group that dies is the engine's business, not the store's.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    createInterface({ input: socket }).on('line', (line) => {
      const request = JSON.parse(line) as KeyValueRequest;
      const answer = (value: string | null) => {
        socket.write(`${JSON.stringify({ id: request.id, value } satisfies KeyValueAnswer)}\n`);
      };
      if ('put' in request) {
        this.#put(request.put, request.value);
        answer(request.value);
      } else {
        void this.#get(request.get, request.timeoutMs).then(answer);
      }
    });
  }

  #put(key: string, value: string): void {
    this.#values.set(key, value);
    for (const resolve of this.#waiting.get(key) ?? []) resolve(value);
    this.#waiting.delete(key);
  }

  #get(key: string, timeoutMs: number): Promise<string | null> {
    const value = this.#values.get(key);
    if (value !== undefined) return Promise.resolve(value);
    if (timeoutMs === 0) return Promise.resolve(null);
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key) ?? new Set<(value: string) => void>();
      this.#waiting.set(key, waiting);
      const timer = setTimeout(() => {
        waiting.delete(resolve);
        resolve(null);
      }, timeoutMs);
      waiting.add((put) => {
        clearTimeout(timer);
        resolve(put);
      });
    });
  }
}
