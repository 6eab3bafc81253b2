/** Makes the container that the plugins of a pipeline are created from. */
import { staticServices, type ResolvedPipeline } from '../schema/resolve-config.ts';
import { PluginContainer } from '../plugin/container.ts';
import type { RunEventBus } from '../run/event-bus.ts';
import type { StopSignal } from '../contracts/services.ts';

export function openContainer(
  pipeline: ResolvedPipeline,
  bus: RunEventBus,
  runFolder: string,
  stop?: StopSignal,
): Promise<PluginContainer> {
  return PluginContainer.open({
    registry: pipeline.registry,
    services: {
      ...staticServices(pipeline, stop?.signal),
      runFolder,
      notify: (level, text) => bus.emit({ type: 'message', level, text }),
    },
    dataset: pipeline.parts.find((part) => part.kind === 'dataset')?.reference,
  });
}

/** To an engine, a user who allows no installs is offline. */
export function engineContainer(
  pipeline: ResolvedPipeline,
  container: PluginContainer,
): PluginContainer {
  const { offline, allowInstall } = pipeline.settings;
  return container.with({ offline: offline || !allowInstall });
}
