import { EventEmitter } from 'node:events';
import { deserialize, serialize } from 'node:v8';

import { describe, expect, it } from 'vitest';

import { MessageChannel, type Port } from './channel.ts';
import type { HostData } from './protocol.ts';

const PART_BYTES = 64;

/** Two joined ends that copy what they carry and deliver it later, as IPC does. */
function pair(): [Port, Port] & { sizes: number[] } {
  const ends = [new EventEmitter(), new EventEmitter()] as const;
  const sizes: number[] = [];
  const port = (own: EventEmitter, other: EventEmitter): Port => ({
    send: (message, sent) => {
      const copy = serialize(message);
      sizes.push(copy.length);
      setImmediate(() => {
        other.emit('message', deserialize(copy));
        sent(null);
      });
    },
    onMessage: (listener) => own.on('message', listener),
  });
  const ports: [Port, Port] = [port(ends[0], ends[1]), port(ends[1], ends[0])];
  return Object.assign(ports, { sizes });
}

/** Sends the messages and resolves with what arrived. */
async function exchange(messages: readonly (readonly [string, readonly HostData[]])[]) {
  const ports = pair();
  const received: [string, readonly HostData[]][] = [];
  const arrived = new Promise<void>((resolve) => {
    new MessageChannel<never, string>(
      ports[1],
      (message, arrays) => {
        received.push([message, arrays]);
        if (received.length === messages.length) resolve();
      },
      PART_BYTES,
    );
  });
  const sender = new MessageChannel<string, never>(ports[0], () => undefined, PART_BYTES);
  for (const [message, arrays] of messages) void sender.send(message, arrays);
  await arrived;
  return { received, sizes: ports.sizes };
}

describe('MessageChannel', () => {
  it('carries arrays of all kinds and sizes, in order', async () => {
    const messages: [string, HostData[]][] = [
      ['small', [Float32Array.of(1, NaN, -0)]],
      [
        'large',
        [
          Float32Array.from({ length: 1000 }, (_, i) => i / 3),
          Int32Array.from({ length: 17 }, (_, i) => -i),
          Uint8Array.from({ length: 129 }, (_, i) => i),
        ],
      ],
      ['none', []],
      ['empty', [new Int32Array(0), new Float32Array(PART_BYTES / 4)]],
    ];
    const { received } = await exchange(messages);
    expect(received).toEqual(messages);
  });

  it('sends no message larger than a part and its wrapping', async () => {
    const { sizes } = await exchange([['large', [new Float32Array(5000)]]]);
    expect(Math.max(...sizes)).toBeLessThan(PART_BYTES + 300);
  });

  it('sends of a view only what it shows', async () => {
    const all = Float32Array.from({ length: 100 }, (_, i) => i);
    const { received } = await exchange([
      ['small', [all.subarray(3, 5)]],
      ['large', [all.subarray(10, 90)]],
    ]);
    expect(received).toEqual([
      ['small', [Float32Array.of(3, 4)]],
      ['large', [all.slice(10, 90)]],
    ]);
  });
});
