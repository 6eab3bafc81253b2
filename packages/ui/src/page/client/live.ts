/** Changes as they happen: one stream for all topics that the page listens to. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import type { LiveMessage, Topic } from '../../api/live.ts';
import { isRefused, request, revive } from './api.ts';

type Listener = (message: LiveMessage) => void;

/** `live`: changes arrive. `lost`: the server does not answer; tried again every second. */
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');

const listeners = new Map<Topic, Set<Listener>>();
let stream: AbortController | undefined;
let restart: ReturnType<typeof setTimeout> | undefined;
const RETRY_MS = 1000;
/** The server sends a sign of life every 10 s. */
const SILENCE_MS = 25_000;

/**
 * Listens to a topic while the component is shown. The first message is `reload`, and so is the one after a
 * lost connection: fetch then what the page shows. Undefined for none.
 */
export function useLive(topic: Topic | undefined, listener: Listener): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    if (topic === undefined) return;
    return listen(topic, (message) => latest.current(message));
  }, [topic]);
}

function listen(topic: Topic, listener: Listener): () => void {
  const all = listeners.get(topic) ?? new Set();
  listeners.set(topic, all.add(listener));
  reconnectSoon(0);
  return () => {
    all.delete(listener);
    if (all.size > 0) return;
    listeners.delete(topic);
    reconnectSoon(0);
  };
}

/** Several changes of topics in one rendering make one new connection. */
function reconnectSoon(delayMs: number): void {
  clearTimeout(restart);
  restart = setTimeout(() => void connect(), delayMs);
}

async function connect(): Promise<void> {
  stream?.abort();
  // A stream that is ended on purpose is not lost.
  stream = undefined;
  if (listeners.size === 0 || isRefused.value) return;
  const controller = (stream = new AbortController());
  const query = new URLSearchParams([...listeners.keys()].map((topic) => ['topic', topic]));
  try {
    const response = await request(`/live?${query}`, { signal: controller.signal });
    connection.value = 'live';
    await readLines(response.body!, controller, (line) => {
      const message = revive(line) as LiveMessage;
      for (const listener of listeners.get(message.topic) ?? []) listener(message);
    });
    throw new Error('the stream ended');
  } catch {
    if (stream !== controller) return;
    connection.value = 'lost';
    reconnectSoon(RETRY_MS);
  }
}

async function readLines(
  body: ReadableStream<Uint8Array>,
  controller: AbortController,
  use: (line: string) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const silence = setTimeout(() => controller.abort(), SILENCE_MS);
    const { done, value } = await reader.read();
    clearTimeout(silence);
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') use(line);
  }
}
