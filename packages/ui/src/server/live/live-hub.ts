/**
 * Tells clients what changes. One look at the disk serves all clients of a topic, and a message is made once
 * for all of them. A client that does not read is told to fetch everything again when it does, and is
 * dropped if it does not: nothing is kept for it.
 */
import { toJson } from '@eddy/core/report';

import type { LiveMessage, Topic } from '../../api/live.ts';

/** Bytes that may wait for a client. */
const MAX_WAITING = 1 << 20;
/** A client that has not read for so long is dropped. */
const MAX_STALL_MS = 15_000;
const LOOK_MS = 400;
const BEAT_MS = 10_000;

/** Reads what is new of a topic and publishes it; called only while somebody listens to it. */
export type TopicReader = (topic: Topic) => Promise<void>;

interface Client {
  readonly topics: ReadonlySet<Topic>;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** When it stopped reading; undefined while it reads. */
  stalledAt: number | undefined;
}

const encoder = new TextEncoder();

export class LiveHub {
  readonly #look: TopicReader;
  readonly #clients = new Set<Client>();
  readonly #looking = new Set<Topic>();
  #timer: NodeJS.Timeout | undefined;
  #lastBeat = 0;

  constructor(look: TopicReader) {
    this.#look = look;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Opens the stream of a client. */
  subscribe(topics: ReadonlySet<Topic>): ReadableStream<Uint8Array> {
    let client: Client;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          client = { topics, controller, stalledAt: undefined };
          this.#clients.add(client);
          // The first line tells the page that it is connected; what changed before it is fetched.
          for (const topic of topics) this.#send(client, line({ topic, type: 'reload' }));
          this.#timer ??= setInterval(() => this.#tick(), LOOK_MS);
        },
        pull: () => this.#onRead(client),
        cancel: () => this.#remove(client),
      },
      { highWaterMark: MAX_WAITING, size: (bytes) => bytes?.byteLength ?? 0 },
    );
  }

  /** Whether a client is told of this topic. */
  isWatched(topic: Topic): boolean {
    return [...this.#clients].some(({ topics }) => topics.has(topic));
  }

  /** Looks at a topic at once, for instance after an action. */
  touch(topic: Topic): void {
    void this.#lookAt(topic);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const client of this.#clients) this.#drop(client);
  }

  #tick(): void {
    const now = performance.now();
    for (const client of this.#clients) {
      if (client.stalledAt !== undefined && now - client.stalledAt > MAX_STALL_MS)
        this.#drop(client);
    }
    if (now - this.#lastBeat > BEAT_MS) {
      this.#lastBeat = now;
      for (const client of this.#clients) this.#send(client, encoder.encode('\n'));
    }
    const topics = new Set([...this.#clients].flatMap((client) => [...client.topics]));
    for (const topic of topics) void this.#lookAt(topic);
  }

  async #lookAt(topic: Topic): Promise<void> {
    if (this.#looking.has(topic)) return;
    this.#looking.add(topic);
    try {
      await this.#look(topic);
    } catch {
      // The folder is gone or half written: the next look may find it.
    } finally {
      this.#looking.delete(topic);
    }
  }

  publish(message: LiveMessage): void {
    const bytes = line(message);
    for (const client of this.#clients) {
      if (client.topics.has(message.topic)) this.#send(client, bytes);
    }
  }

  #send(client: Client, bytes: Uint8Array): void {
    if (client.stalledAt !== undefined) return;
    if ((client.controller.desiredSize ?? 0) < bytes.byteLength) {
      client.stalledAt = performance.now();
      return;
    }
    client.controller.enqueue(bytes);
  }

  /** Called when there is room, which there may also be for a client that reads nothing. */
  #onRead(client: Client): void {
    if (client.stalledAt === undefined || !this.#clients.has(client)) return;
    if ((client.controller.desiredSize ?? 0) < MAX_WAITING / 2) return;
    client.stalledAt = undefined;
    for (const topic of client.topics) this.#send(client, line({ topic, type: 'reload' }));
  }

  #drop(client: Client): void {
    this.#remove(client);
    client.controller.error(new Error('the client does not read'));
  }

  #remove(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function line(message: LiveMessage): Uint8Array {
  return encoder.encode(`${toJson(message)}\n`);
}
