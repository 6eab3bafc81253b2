/** What programs are run on where no engine is needed. */
import type { HostTree, Precision, Program } from '@eddy/tensor';

import { interpret } from '../interpreter/interpret.ts';
import { optimise } from '../passes/optimise.ts';
import { trace } from '../trace/trace.ts';
import { runOnTfjs } from './run-on-tfjs.ts';

/** Something that runs a program without state once. */
export interface Target {
  readonly name: string;
  run(program: Program, inputs: HostTree): Promise<HostTree>;
}

export function tfjsTarget(backend: string): Target {
  return {
    name: backend,
    run: async (program, inputs) => (await runOnTfjs(backend, program, {}, inputs)).outputs,
  };
}

/** The interpreter on the traced graph, optimised or as it was traced. */
export function interpreterTarget(precision?: Precision): Target {
  return {
    name: 'interpreter',
    run: (program, inputs) => {
      const traced = trace(program);
      const graph = precision === undefined ? traced : optimise(traced, { precision });
      return Promise.resolve(interpret(graph, {}, inputs).outputs);
    },
  };
}
