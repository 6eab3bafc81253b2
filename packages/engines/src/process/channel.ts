/**
 * Messages with arrays over a child process's IPC. Arrays too large for one message are sent ahead in
 * parts, so that neither side's event loop is held up for long; order is kept.
 */
import type { HostData } from './protocol.ts';

/** About 20 ms of copying. */
const PART_BYTES = 16 << 20;

/** One end of the IPC between the supervisor and its child. */
export interface Port {
  send(message: unknown, sent: (error: Error | null) => void): void;
  onMessage(listener: (message: unknown) => void): void;
}

type ArrayKind = 'float32' | 'int32' | 'bytes';

/** An array that does not come with its message: it was sent ahead. */
interface Described {
  readonly kind: ArrayKind;
  readonly byteLength: number;
}

interface Part {
  readonly part: { readonly message: number; readonly array: number; readonly offset: number };
  readonly size: number;
  readonly bytes: Uint8Array;
}

interface Whole<M> {
  readonly number: number;
  readonly message: M;
  readonly arrays: readonly (HostData | Described)[];
}

export class MessageChannel<Outgoing, Incoming> {
  readonly #port: Port;
  readonly #partBytes: number;
  readonly #ahead = new Map<string, Uint8Array>();
  #sent = 0;
  #busy: Promise<void> | null = null;

  constructor(
    port: Port,
    receive: (message: Incoming, arrays: readonly HostData[]) => void,
    partBytes = PART_BYTES,
  ) {
    this.#port = port;
    this.#partBytes = partBytes;
    port.onMessage((received) => {
      const raw = received as Part | Whole<Incoming>;
      if ('part' in raw) this.#keep(raw);
      else receive(raw.message, this.#assemble(raw));
    });
  }

  /**
   * Sends in order. What can't be sent because the other side is gone is dropped: its death is told elsewhere.
   *
   * @returns resolves when the message has left.
   */
  send(message: Outgoing, arrays: readonly HostData[] = []): Promise<void> {
    const number = this.#sent++;
    const sent = arrays.map((array) => this.#describe(array));
    const whole = { number, message, arrays: sent };
    const isAhead = sent.map((array) => !ArrayBuffer.isView(array));
    if (this.#busy === null && !isAhead.includes(true)) return this.#post(whole);
    const previous = this.#busy ?? Promise.resolve();
    const sending = previous
      .then(() => this.#sendAhead(number, arrays, isAhead))
      .then(() => this.#post(whole))
      .then(() => {
        if (this.#busy === sending) this.#busy = null;
      });
    this.#busy = sending;
    return sending;
  }

  async #sendAhead(
    message: number,
    arrays: readonly HostData[],
    isAhead: readonly boolean[],
  ): Promise<void> {
    for (const [array, data] of arrays.entries()) {
      if (isAhead[array] !== true) continue;
      for (let offset = 0; offset < data.byteLength; offset += this.#partBytes) {
        const length = Math.min(this.#partBytes, data.byteLength - offset);
        const bytes = new Uint8Array(data.buffer, data.byteOffset + offset, length);
        await this.#post({ part: { message, array, offset }, size: data.byteLength, bytes });
      }
    }
  }

  #describe(array: HostData): HostData | Described {
    const { byteLength } = array;
    if (byteLength <= this.#partBytes) return array;
    return { kind: kindOf(array), byteLength };
  }

  #post(raw: Part | Whole<Outgoing>): Promise<void> {
    return new Promise((resolve) => {
      this.#port.send(raw, () => {
        resolve();
      });
    });
  }

  #keep({ part, size, bytes }: Part): void {
    const key = `${part.message}/${part.array}`;
    let whole = this.#ahead.get(key);
    if (whole === undefined) {
      const { buffer, byteOffset } = Buffer.allocUnsafeSlow(size);
      whole = new Uint8Array(buffer, byteOffset, size);
      this.#ahead.set(key, whole);
    }
    whole.set(bytes, part.offset);
  }

  #assemble(raw: Whole<Incoming>): readonly HostData[] {
    return raw.arrays.map((array, index) => {
      if (ArrayBuffer.isView(array)) return array;
      const key = `${raw.number}/${index}`;
      const bytes = this.#ahead.get(key)!;
      this.#ahead.delete(key);
      return viewOf(array.kind, bytes);
    });
  }
}

function viewOf(kind: ArrayKind, { buffer, byteOffset, byteLength }: Uint8Array): HostData {
  switch (kind) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case 'int32':
      return new Int32Array(buffer, byteOffset, byteLength / 4);
    case 'bytes':
      return new Uint8Array(buffer, byteOffset, byteLength);
  }
}

function kindOf(array: HostData): ArrayKind {
  if (array instanceof Float32Array) return 'float32';
  return array instanceof Int32Array ? 'int32' : 'bytes';
}
