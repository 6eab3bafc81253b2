/** Public names of @eddy/cli, for programs that run pipelines with all of Eddy's own plugins. */
export { BUILTIN } from './project/builtin.ts';
export { main } from './main.ts';
