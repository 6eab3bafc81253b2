/** Asks the loggers of a pipeline whether the services that they send to can be reached. */
import { formatPath } from '../config/config-node.ts';
import type { Problem } from '../config/problem.ts';
import { optionsOf } from '../plugin/part-reference.ts';
import type { ResolvedPipeline } from '../schema/resolve-config.ts';

/** Long enough for a server on the other side of the world. */
const REACH_MS = 3000;

/** What cannot be reached, as warnings; nothing where the network is not to be used. */
export async function unreachableServices(
  pipeline: ResolvedPipeline,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  if (pipeline.settings.offline) return [];
  const limited = AbortSignal.any([signal, AbortSignal.timeout(REACH_MS)]);
  const asked = pipeline.parts.map(async ({ plugin, path, reference }): Promise<Problem[]> => {
    if (plugin.reach === undefined) return [];
    const found = await plugin.reach(optionsOf(reference), limited).catch((error: unknown) => [
      {
        path: [],
        message: `${formatPath(path)} could not be checked for availability`,
        expected: 'an answer',
        received: error instanceof Error ? error.message : String(error),
        fix: 'check the address and the server',
      },
    ]);
    return found.map(({ path: inner, ...problem }) => {
      const at = [...path, ...inner];
      return { ...problem, level: 'warning', origin: pipeline.writtenNear(at), path: at };
    });
  });
  return (await Promise.all(asked)).flat();
}
