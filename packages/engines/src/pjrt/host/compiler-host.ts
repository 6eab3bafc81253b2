/** The process's side of the protocol where the device is not here: it can compile, and nothing else. */
import { InternalError } from '@eddy/tensor/errors';

import { PjrtApi } from '../binding/api.ts';
import { PjrtTopology } from '../binding/topology.ts';
import { processMemory } from '../../process/process-memory.ts';
import type { Requests } from '../../process/protocol.ts';
import type { Handlers, Outcome } from '../../process/serve.ts';
import { compiledBytes, stablehloOf } from './compile-request.ts';

export class CompilerHost implements Handlers {
  #topology: PjrtTopology | null = null;

  /** @param request  its options describe the device: see `PjrtTopology`. */
  start({ libraryPath, options = {} }: Requests['start']): Outcome<'start'> {
    const api = new PjrtApi(libraryPath);
    const topology = new PjrtTopology(api, options);
    this.#topology = topology;
    const { platformName, platformVersion } = topology;
    const apiVersion = `${api.majorVersion}.${api.minorVersion}`;
    return {
      value: { apiVersion, platformName, platformVersion, deviceCount: 0, deviceKind: 'absent' },
    };
  }

  /** Says what the program would take; it is not kept. */
  async compile(request: Requests['compile']): Promise<Outcome<'compile'>> {
    if (this.#topology === null) throw new InternalError('the engine process was not started');
    const start = performance.now();
    const code = stablehloOf(request.code);
    const compiled = await this.#topology.compile(code.text, code.devices);
    const compileMs = performance.now() - start;
    const bytes = compiledBytes(compiled);
    compiled.destroy();
    return { value: { compileMs, cached: false, ...bytes } };
  }

  unload(): Outcome<'unload'> {
    return { value: {} };
  }

  memory(): Outcome<'memory'> {
    return { value: processMemory() };
  }

  ping(): Outcome<'ping'> {
    return { value: {} };
  }

  run = needsDevice;
  write = needsDevice;
  read = needsDevice;
  copy = needsDevice;
  free = needsDevice;
}

/** The engine refuses before it asks. */
function needsDevice(): never {
  throw new InternalError('the device is not here');
}
