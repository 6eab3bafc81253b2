/** Ranks within one process, without MPI: each asks the same, and gets its answer when all have. */
import { HostGroup } from '../mpi/group.ts';
import type { Request } from '../mpi/thread/messages.ts';
import type { Answer, Transport } from '../mpi/transport.ts';
import { mapMemoryFile } from '../process/shared-memory.ts';

interface Asked {
  readonly request: Request;
  readonly answer: (answer: Answer) => void;
}

/** The groups of so many ranks, as each sees its own. */
export function localGroups(size: number): Promise<HostGroup[]> {
  const asked: Asked[][] = Array.from({ length: size }, () => []);
  const memory = new Map<string, Uint8Array>();
  const meet = () => {
    while (asked.every((requests) => requests.length > 0)) {
      const all = asked.map((requests) => requests.shift()!);
      const answers = together(
        all.map(({ request }) => request),
        memory,
      );
      all.forEach(({ answer }, rank) => {
        answer(answers[rank]!);
      });
    }
  };
  const transportOf = (rank: number): Transport => ({
    rank,
    size,
    listen: () => undefined,
    tellSignal: () => undefined,
    abort: () => new Promise(() => undefined),
    ask: (request) =>
      new Promise((resolve) => {
        if (request.type === 'map') {
          memory.set(request.path, mapMemoryFile(request.path, request.bytes));
          resolve(null);
          return;
        }
        asked[rank]!.push({ request, answer: resolve });
        meet();
      }),
  });
  return Promise.all(asked.map((_, rank) => HostGroup.meet(transportOf(rank))));
}

function together(requests: readonly Request[], memory: Map<string, Uint8Array>): Answer[] {
  const [first] = requests;
  if (requests.some(({ type }) => type !== first!.type)) {
    throw new Error(`ranks have come apart: ${requests.map(({ type }) => type).join(', ')}`);
  }
  const bytes = requests.map((request) =>
    'bytes' in request && request.bytes instanceof Uint8Array ? request.bytes.slice() : null,
  );
  switch (first!.type) {
    case 'broadcast':
      return requests.map(() => bytes[0]!);
    case 'tell':
      return requests.map(() => bytes as Uint8Array[]);
    case 'gather':
      return requests.map((_, rank) => (rank === 0 ? (bytes as Uint8Array[]) : []));
    case 'sum':
      addUp(requests as Extract<Request, { type: 'sum' }>[], memory);
      break;
    case 'join':
      joinAll(requests as Extract<Request, { type: 'join' }>[], memory);
      break;
    case 'leave':
    case 'map':
    case 'abort':
      break;
  }
  return requests.map(() => null);
}

function addUp(
  requests: readonly Extract<Request, { type: 'sum' }>[],
  memory: Map<string, Uint8Array>,
): void {
  const all = requests.map(({ memory: path, of, offset, bytes }) => {
    const Elements = of === 'float32' ? Float32Array : Int32Array;
    return new Elements(memory.get(path)!.buffer as ArrayBuffer, offset, bytes / 4);
  });
  const total = all[0]!.slice();
  for (const other of all.slice(1)) other.forEach((value, i) => (total[i]! += value));
  for (const each of all) each.set(total);
}

function joinAll(
  requests: readonly Extract<Request, { type: 'join' }>[],
  memory: Map<string, Uint8Array>,
): void {
  const parts = requests.map(({ memory: path, offset, bytes }) =>
    memory.get(path)!.slice(offset, offset + bytes),
  );
  for (const { memory: path, bytes, target } of requests) {
    parts.forEach((part, rank) => {
      memory.get(path)!.set(part, target + rank * bytes);
    });
  }
}
