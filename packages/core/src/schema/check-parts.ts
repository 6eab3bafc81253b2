/** What plugins themselves find wrong, before anything runs. */
import { EddyError } from '@eddy/tensor/errors';
import { originNear, type MapNode, type Path } from '../config/config-node.ts';
import { problemOf, type Problem } from '../config/problem.ts';
import type { DatasetShape } from '../contracts/dataset.ts';
import type { CheckFacts } from '../contracts/plugin.ts';
import type { PluginKind } from '../contracts/kinds.ts';
import { PluginContainer, type ServiceValues } from '../plugin/container.ts';
import { checkContract } from '../plugin/contract.ts';
import { callHook } from '../plugin/hook.ts';
import { optionsOf } from '../plugin/part-reference.ts';
import type { PluginRegistry } from '../plugin/registry.ts';
import { describedMetrics } from './described-metrics.ts';
import type { ResolvedPart } from './validate.ts';

/** Kinds whose plugins compute and hold nothing: creating one costs little and leaves nothing behind. */
const CREATED: ReadonlySet<PluginKind> = new Set<PluginKind>([
  'augmentation',
  'averager',
  'evaluator',
  'model',
  'optimizer',
  'row-optimizer',
]);

/**
 * Runs the plugins' own checks of how parts fit together, and creates those that need neither data nor an
 * engine, so that what their code throws is found before a run is made.
 *
 * @returns what the dataset says of itself, where there is one, and every problem
 */
export async function checkParts(context: {
  readonly tree: MapNode;
  readonly parts: readonly ResolvedPart[];
  readonly registry: PluginRegistry;
  /** Services that exist before anything runs. */
  readonly services: ServiceValues;
}): Promise<{
  readonly datasetShape: DatasetShape | undefined;
  readonly problems: readonly Problem[];
}> {
  const { tree, parts, registry } = context;
  const problems: Problem[] = [];
  const add = (path: Path, problem: Omit<Problem, 'origin' | 'path'>) =>
    problems.push({ origin: originNear(tree, path), path, ...problem });
  const attempt = async ({ path }: ResolvedPart, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof EddyError)) throw error;
      add(path, problemOf(error));
    }
  };
  const services = { ...context.services, notify: () => undefined };
  const container = await PluginContainer.open({ registry, services });
  const dataset = parts.find((part) => part.kind === 'dataset');
  let datasetShape: DatasetShape | undefined;
  if (dataset !== undefined) {
    await attempt(dataset, async () => {
      const source = await container.create('dataset', dataset.reference);
      datasetShape = callHook(dataset.entry, 'describe', () => source.describe());
    });
  }
  const metrics = describedMetrics(parts);
  const facts = datasetShape === undefined ? {} : { datasetShape };
  const withFacts = container.with(facts);
  const available = new Set(['parts', ...Object.keys({ ...services, ...facts })]);
  for (const part of parts) {
    await attempt(part, async () => {
      const found = checkPart(part, {
        ...facts,
        metrics,
        ...(context.services.configFolder && { configFolder: context.services.configFolder }),
      });
      for (const { path, ...problem } of found) add(path, problem);
      const needs = part.plugin.needs ?? [];
      if (found.some(({ level }) => level !== 'warning') || !CREATED.has(part.kind)) return;
      if (!needs.every((name) => available.has(name))) return;
      checkContract(part.entry, await withFacts.create(part.kind, part.reference));
    });
  }
  return { datasetShape, problems };
}

function checkPart(
  { plugin, entry, path, reference }: ResolvedPart,
  facts: CheckFacts,
): readonly Omit<Problem, 'origin'>[] {
  return callHook(entry, 'check', () => {
    const found = plugin.check?.(optionsOf(reference), facts) ?? [];
    return found.map(({ path: inner, ...problem }) => ({ path: [...path, ...inner], ...problem }));
  });
}
