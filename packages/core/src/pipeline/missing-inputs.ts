/** Files and folders that a pipeline names and that are not on this machine. */
import type { ConfigProblem } from '../contracts/config-problem.ts';
import { callHook } from '../plugin/hook.ts';
import { optionsOf } from '../plugin/part-reference.ts';
import type { ResolvedPipeline } from '../schema/resolve-config.ts';

/** Asks every part for its missing inputs; paths start at the root of the pipeline file. */
export function missingInputs({
  parts,
  folder: configFolder,
}: ResolvedPipeline): readonly ConfigProblem[] {
  return parts.flatMap(({ plugin, entry, path, reference }) =>
    callHook(entry, 'missingInputs', () => {
      const found = plugin.missingInputs?.(optionsOf(reference), { configFolder }) ?? [];
      return found.map(({ path: inner, ...facts }) => ({ ...facts, path: [...path, ...inner] }));
    }),
  );
}
