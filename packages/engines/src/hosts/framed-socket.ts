/**
 * Messages over a TCP connection, each behind its length: JSON while the two ends get to know one another,
 * V8's serialization, which knows arrays, when they do.
 */
import type { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';

const LENGTH_BYTES = 4;
/** A stranger gets no more memory than this. */
const MAX_JSON_BYTES = 4096;
/** Then the kernel asks every second, ten times, whether the other end is there. */
const KEEP_ALIVE_MS = 10_000;

export class FramedSocket {
  readonly #socket: Socket;
  #isTrusted = false;
  #chunks: Buffer[] = [];
  #received = 0;
  #listener: ((message: unknown) => void) | undefined;
  #failure: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#received += chunk.length;
      this.#deliverAll();
    });
    socket.on('error', (error) => (this.#failure = error));
  }

  /** From here on the other end's bytes are taken for messages of our own code. */
  trust(): void {
    this.#isTrusted = true;
  }

  send(message: unknown, sent?: (error: Error | null) => void): void {
    if (!this.#socket.writable) {
      sent?.(null);
      return;
    }
    const body = this.#isTrusted ? serialize(message) : Buffer.from(JSON.stringify(message));
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32LE(body.length);
    this.#socket.cork();
    this.#socket.write(length);
    this.#socket.write(body, () => sent?.(null));
    this.#socket.uncork();
  }

  /** One listener at a time; what comes while there is none waits as it came. */
  listen(listener: ((message: unknown) => void) | undefined): void {
    this.#listener = listener;
    if (listener === undefined) {
      this.#socket.pause();
      return;
    }
    this.#socket.resume();
    this.#deliverAll();
  }

  /** The next message; undefined where the connection ends before, or nothing comes for so long. */
  next(withinMs: number): Promise<unknown> {
    return new Promise((resolve) => {
      const late = setTimeout(() => this.#socket.destroy(), withinMs);
      const ended = () => {
        clearTimeout(late);
        resolve(undefined);
      };
      this.#socket.once('close', ended);
      this.listen((message) => {
        clearTimeout(late);
        this.#socket.off('close', ended);
        this.listen(undefined);
        resolve(message);
      });
      if (this.#socket.closed) ended();
    });
  }

  onClose(listener: (reason: string) => void): void {
    this.#socket.once('close', () => {
      listener(this.#failure?.message ?? 'the connection was closed');
    });
  }

  /** Sends what was asked for, then closes. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.closed) {
        resolve();
        return;
      }
      this.#socket.once('close', resolve);
      this.#socket.destroySoon();
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  #deliverAll(): void {
    while (this.#listener !== undefined && this.#received >= LENGTH_BYTES) {
      const length = this.#peekLength();
      if (!this.#isTrusted && length > MAX_JSON_BYTES) {
        this.#socket.destroy(new Error('not a message of Eddy'));
        return;
      }
      const end = LENGTH_BYTES + length;
      if (this.#received < end) return;
      const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
      this.#chunks = all.length > end ? [all.subarray(end)] : [];
      this.#received = all.length - end;
      this.#deliver(all.subarray(LENGTH_BYTES, end), this.#listener);
    }
  }

  #peekLength(): number {
    if (this.#chunks[0]!.length < LENGTH_BYTES) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!.readUInt32LE();
  }

  #deliver(body: Buffer, listener: (message: unknown) => void): void {
    let message: unknown;
    try {
      message = this.#isTrusted ? deserialize(body) : JSON.parse(body.toString());
    } catch (error) {
      this.#socket.destroy(error as Error);
      return;
    }
    listener(message);
  }
}
