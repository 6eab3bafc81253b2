import type { Engine, EngineInfo, HostTree, MemoryStats, Program } from '@eddy/core';

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

export type Prepare = (program: Program) => PreparedProgram;

/** An engine whose tensors and native library live in a process of their own. */
export class HostedEngine implements Engine {
  readonly info: EngineInfo;
  readonly #process: EngineProcess;
  readonly #prepare: Prepare;
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

  compile(program: Program): Promise<HostedExecutable> {
    return this.compilePrepared(this.#prepare(program));
  }

  async compilePrepared(program: PreparedProgram): Promise<HostedExecutable> {
    const executable = this.#executables++;
    const { code, cacheFile, arguments: args, results } = program;
    const { value } = await this.#process.call(
      'compile',
      { executable, code, arguments: args, results, cacheFile },
      { at: `compiling ${program.name}` },
    );
    const stats = { ...value, flops: program.flops };
    return new HostedExecutable(this.#process, executable, program, stats);
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
