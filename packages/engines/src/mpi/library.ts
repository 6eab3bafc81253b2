/** MPI's functions, of whichever library the launcher belongs to. Only the thread that made it may call it. */
import koffi from 'koffi';

import { abiOf, type MpiAbi } from './abi.ts';

/** `MPI_THREAD_FUNNELED`: one thread of the process calls. */
const THREAD_FUNNELED = 1;
/** More than any library's MPI_MAX_ERROR_STRING. */
const ERROR_BYTES = 8192;

type Handle = number | bigint;
type Argument = number | bigint | null;
type Call = (...args: Argument[]) => number;

/** A communicator of all ranks; collectives of one do not meet those of another. */
export interface Communicator {
  readonly handle: Handle;
}

/** An operation under way. */
export interface MpiRequest {
  isDone(): boolean;
}

class MpiError extends Error {
  override readonly name = 'MpiError';
}

export class MpiLibrary {
  readonly abi: MpiAbi;
  readonly #functions: Readonly<Record<keyof typeof SIGNATURES, Call>>;
  readonly #byte: Handle;
  readonly #world: Communicator;
  readonly #errorsReturn: Handle;

  /** @throws Error in the loader's words */
  constructor(path: string) {
    // Global: plugins of Open MPI look for its symbols there.
    const library = koffi.load(path, { global: true });
    const addressOf = (name: string): bigint => koffi.address(library.symbol(name) as unknown);
    this.abi = abiOf(path, (name) => {
      try {
        return addressOf(name) !== 0n;
      } catch {
        return false;
      }
    });
    const handle = this.abi.handle === 'int' ? 'int' : 'void *';
    this.#functions = Object.fromEntries(
      Object.entries(SIGNATURES).map(([name, types]) => [
        name,
        library.func(
          name,
          'int',
          types.map((type) => ({ handle, int: 'int', pointer: 'void *' })[type]),
        ) as Call,
      ]),
    ) as Record<keyof typeof SIGNATURES, Call>;
    const resolve = (value: MpiAbi['byte']): Handle =>
      typeof value === 'string' ? addressOf(value) : value;
    this.#byte = resolve(this.abi.byte);
    this.#errorsReturn = resolve(this.abi.errorsReturn);
    this.#world = { handle: resolve(this.abi.commWorld) };
  }

  /** Joins the launcher's group; waits for the other ranks. @returns its communicator */
  init(): Communicator {
    const provided = new Int32Array(1);
    this.#call('MPI_Init_thread', null, null, THREAD_FUNNELED, koffi.address(provided));
    this.#call('MPI_Comm_set_errhandler', this.#world.handle, this.#errorsReturn);
    return this.#world;
  }

  rank(of: Communicator): number {
    return this.#integer('MPI_Comm_rank', of);
  }

  size(of: Communicator): number {
    return this.#integer('MPI_Comm_size', of);
  }

  duplicate(of: Communicator): Communicator {
    const cell = this.#handleCell();
    this.#call('MPI_Comm_dup', of.handle, koffi.address(cell));
    const copy = { handle: cell[0]! };
    this.#call('MPI_Comm_set_errhandler', copy.handle, this.#errorsReturn);
    return copy;
  }

  broadcast(over: Communicator, bytes: Uint8Array, root: number): MpiRequest {
    return this.#start([bytes], (request) =>
      this.#call(
        'MPI_Ibcast',
        addressOf(bytes),
        bytes.length,
        this.#byte,
        root,
        over.handle,
        request,
      ),
    );
  }

  /** @param all  as much from each rank, in their order */
  gatherForAll(over: Communicator, own: Uint8Array, all: Uint8Array): MpiRequest {
    return this.#start([own, all], (request) =>
      this.#call(
        'MPI_Iallgather',
        ...this.#part(own, own.length),
        ...this.#part(all, own.length),
        over.handle,
        request,
      ),
    );
  }

  /** @param all  on rank 0 as much from each rank, in their order; empty on the others */
  gather(over: Communicator, own: Uint8Array, all: Uint8Array): MpiRequest {
    return this.#start([own, all], (request) =>
      this.#call(
        'MPI_Igather',
        ...this.#part(own, own.length),
        ...this.#part(all, own.length),
        0,
        over.handle,
        request,
      ),
    );
  }

  /** Sends the i-th of equal parts to rank i. @param received  from each rank its part for this one */
  exchangeParts(
    over: Communicator,
    sent: Uint8Array,
    received: Uint8Array,
    partBytes: number,
  ): MpiRequest {
    return this.#start([sent, received], (request) =>
      this.#call(
        'MPI_Ialltoall',
        ...this.#part(sent, partBytes),
        ...this.#part(received, partBytes),
        over.handle,
        request,
      ),
    );
  }

  /** Ends all processes of the group, through the launcher. */
  abort(exitCode: number): void {
    this.#functions.MPI_Abort(this.#world.handle, exitCode);
  }

  /** Leaves the group; waits for the other ranks. */
  finalize(): void {
    this.#call('MPI_Finalize');
  }

  #part(buffer: Uint8Array, bytes: number): [bigint, number, Handle] {
    return [addressOf(buffer), bytes, this.#byte];
  }

  /** @param buffers  stay referenced until the operation is over */
  #start(buffers: readonly Uint8Array[], start: (request: bigint) => void): MpiRequest {
    const cell = this.#handleCell();
    const flag = new Int32Array(1);
    start(koffi.address(cell));
    const used = { buffers, isDone: false };
    return {
      isDone: () => {
        if (used.isDone) return true;
        this.#call('MPI_Test', koffi.address(cell), koffi.address(flag), this.abi.statusIgnore);
        used.isDone = flag[0] !== 0;
        return used.isDone;
      },
    };
  }

  #handleCell(): Int32Array | BigUint64Array {
    return this.abi.handle === 'int' ? new Int32Array(1) : new BigUint64Array(1);
  }

  #integer(name: 'MPI_Comm_rank' | 'MPI_Comm_size', of: Communicator): number {
    const cell = new Int32Array(1);
    this.#call(name, of.handle, koffi.address(cell));
    return cell[0]!;
  }

  #call(name: keyof typeof SIGNATURES, ...args: Argument[]): void {
    const code = this.#functions[name](...args);
    if (code !== 0) throw new MpiError(`${name}: ${this.#describe(code)}`);
  }

  #describe(code: number): string {
    const text = Buffer.alloc(ERROR_BYTES);
    const length = new Int32Array(1);
    const { MPI_Error_string: describe } = this.#functions;
    if (describe(code, koffi.address(text), koffi.address(length)) !== 0) return `error ${code}`;
    return text.toString('utf8', 0, length[0]).replaceAll(/\s*\n\s*/g, '; ');
  }
}

const PART = ['pointer', 'int', 'handle'] as const;

const SIGNATURES = {
  MPI_Init_thread: ['pointer', 'pointer', 'int', 'pointer'],
  MPI_Comm_rank: ['handle', 'pointer'],
  MPI_Comm_size: ['handle', 'pointer'],
  MPI_Comm_dup: ['handle', 'pointer'],
  MPI_Comm_set_errhandler: ['handle', 'handle'],
  MPI_Ibcast: [...PART, 'int', 'handle', 'pointer'],
  MPI_Iallgather: [...PART, ...PART, 'handle', 'pointer'],
  MPI_Igather: [...PART, ...PART, 'int', 'handle', 'pointer'],
  MPI_Ialltoall: [...PART, ...PART, 'handle', 'pointer'],
  MPI_Test: ['pointer', 'pointer', 'pointer'],
  MPI_Error_string: ['int', 'pointer', 'pointer'],
  MPI_Abort: ['handle', 'int'],
  MPI_Finalize: [],
} as const satisfies Record<string, readonly ('handle' | 'int' | 'pointer')[]>;

function addressOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : koffi.address(bytes);
}
