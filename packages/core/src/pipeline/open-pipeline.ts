/** What needs stages or an engine of a pipeline, but no run: nothing is recorded. */
import type { ResolvedPipeline } from '../schema/resolve-config.ts';
import type { RunEventBus } from '../run/event-bus.ts';
import type { StopSignal } from '../contracts/services.ts';
import { EngineHolder } from './engine-holder.ts';
import { engineContainer, openContainer } from './open-container.ts';
import type { RunContext } from './stage-services.ts';

export type OpenPipeline = Pick<
  RunContext,
  'pipeline' | 'container' | 'bus' | 'stop' | 'engines' | 'runFolder'
>;

/** Opens the parts of a pipeline for `work`; ends the engine and the events after it. */
export async function withOpenPipeline<T>(
  given: {
    readonly pipeline: ResolvedPipeline;
    readonly bus: RunEventBus;
    readonly stop?: StopSignal | undefined;
    /** Where stages may put something that nobody will look for. */
    readonly runFolder: string;
    /** The engine may be one for a device that is not here. */
    readonly planOnly?: boolean;
  },
  work: (context: OpenPipeline) => Promise<T>,
): Promise<T> {
  const { pipeline, bus, runFolder, planOnly = false } = given;
  const stop = given.stop ?? { requested: false, signal: new AbortController().signal };
  let engines: EngineHolder | undefined;
  try {
    for (const notice of pipeline.notices) bus.emit({ type: 'message', ...notice });
    const container = await openContainer(pipeline, bus, runFolder, stop);
    engines = new EngineHolder(
      () => engineContainer(pipeline, container).create('engine', pipeline.engine),
      { planOnly },
    );
    return await work({ pipeline, container, bus, stop, engines, runFolder });
  } finally {
    bus.complete();
    await engines?.dispose();
  }
}
