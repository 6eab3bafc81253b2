/** Public names of @eddy/cli: the `pipeline` command, and the same from a program. */
export { BUILTIN } from './project/builtin.ts';
export {
  runPipeline,
  watchPipeline,
  type RunOptions,
  type RunResult,
  type WatchOptions,
} from './library.ts';
export { main } from './main.ts';
