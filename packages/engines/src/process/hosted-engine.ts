import type { CompileOptions, Engine, EngineInfo, MemoryStats } from '@eddy/core';
import type { HostTree, Program } from '@eddy/tensor';

import { HostedDeviceTree } from './device-tree.ts';
import type { EngineProcess } from './engine-process.ts';
import { HostedExecutable, type HostedProgram } from './executable.ts';
import type { ProgramCode } from './protocol.ts';

/** A program in the form in which it crosses to the engine process. */
export interface PreparedProgram extends HostedProgram {
  readonly code: ProgramCode;
  /** Of its matrix products. */
  readonly flops: number;
  /** Where the compiled program is kept between runs, if it is. */
  readonly cacheFile: string | null;
}

/** A prepared program of which one thing is yet to be found out, for which there is time while it compiles. */
export interface UncheckedProgram extends PreparedProgram {
  /** @throws TRACE_NOT_DETERMINISTIC */
  readonly requireSameTrace?: () => void;
}

export type Prepare = (program: Program) => UncheckedProgram;

/** An engine whose tensors and native library live in a process of their own. */
export class HostedEngine implements Engine {
  readonly info: EngineInfo;
  readonly #process: EngineProcess;
  readonly #prepare: Prepare;
  /** Resolves when the last program has left for the process; no other is prepared before. */
  #left: Promise<void> = Promise.resolve();
  #executables = 0;
  #trees = 0;

  constructor(process: EngineProcess, info: EngineInfo, prepare: Prepare) {
    this.#process = process;
    this.info = info;
    this.#prepare = prepare;
  }

  /** Of the engine process, for tests and tools. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  async compile(program: Program, { meanwhile }: CompileOptions = {}): Promise<HostedExecutable> {
    const sending = this.#left.then(() => {
      const prepared = this.#prepare(program);
      return { prepared, ...this.sendPrepared(prepared) };
    });
    this.#left = sending.then(({ left }) => left).catch(() => undefined);
    const { prepared, left, compiled } = await sending;
    compiled.catch(() => undefined); // heard of below
    await left;
    try {
      prepared.requireSameTrace?.();
    } catch (error) {
      compiled.then((executable) => executable.dispose()).catch(() => undefined);
      throw error;
    }
    meanwhile?.();
    return compiled;
  }

  compilePrepared(program: PreparedProgram): Promise<HostedExecutable> {
    return this.sendPrepared(program).compiled;
  }

  /** As `compilePrepared`; `left` resolves when the program has left for the process, or will not any more. */
  sendPrepared(program: PreparedProgram): {
    readonly left: Promise<void>;
    readonly compiled: Promise<HostedExecutable>;
  } {
    const executable = this.#executables++;
    const { code, cacheFile, arguments: args, results } = program;
    const { left, answer } = this.#process.send(
      'compile',
      { executable, code, arguments: args, results, cacheFile },
      { at: `compiling ${program.name}` },
    );
    const compiled = answer.then(({ value }) => {
      const stats = { ...value, flops: program.flops };
      return new HostedExecutable(this.#process, executable, program, stats);
    });
    return { left, compiled };
  }

  async upload(tree: HostTree): Promise<HostedDeviceTree> {
    const uploaded = new HostedDeviceTree(this.#process, this.#trees++);
    await uploaded.write(tree);
    return uploaded;
  }

  async memory(): Promise<MemoryStats> {
    const { value } = await this.#process.call('memory', {});
    return value;
  }

  dispose(): Promise<void> {
    return this.#process.dispose();
  }
}
