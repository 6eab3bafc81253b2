/** Joins ordered stages into one stream. */
import {
  concat,
  connectable,
  defer,
  filter,
  ignoreElements,
  merge,
  Observable,
  ReplaySubject,
  Subject,
  Subscription,
  tap,
  throwError,
  catchError,
} from 'rxjs';

import type { EventBus } from '../contracts/services.ts';
import { stageFailed } from './errors.ts';
import { providerOf, type NamedStage } from './order-stages.ts';
import { StageClock } from './stage-clock.ts';
import type { Artifact } from '../contracts/stage.ts';

export interface StageObserver {
  started(stage: string): void;
  /** @param busyMs  the part of `durationMs` in which the stage itself worked */
  finished(stage: string, durationMs: number, busyMs: number): void;
}

export function stageEventsOn(bus: EventBus): StageObserver {
  return {
    started: (stage) => bus.emit({ type: 'stage-started', stage }),
    finished: (stage, durationMs, busyMs) =>
      bus.emit({ type: 'stage-finished', stage, durationMs, busyMs }),
  };
}

/**
 * All artifacts of all stages. Each stage gets what it needs from the nearest earlier stage that
 * provides it. Cold; unsubscribing stops every stage.
 *
 * The stream errors with the first error of a stage, after the other stages were unsubscribed.
 */
export function chainStages(
  ordered: readonly NamedStage[],
  observer: StageObserver,
): Observable<Artifact> {
  return defer(() => {
    const outputs: Observable<Artifact>[] = [];
    const connections: (() => Subscription)[] = [];
    const clocks = new Map(ordered.map(({ name }) => [name, new StageClock()]));
    for (const [i, { name, stage }] of ordered.entries()) {
      const inputs = stage.needs.map((need) => {
        const kind = typeof need === 'string' ? need : need.kind;
        const provider = outputs[providerOf(ordered, i, need)]!;
        return provider.pipe(filter((artifact) => artifact.kind === kind));
      });
      const inputs$ =
        stage.usesEngine === true ? held(merge(...inputs), outputs.slice(0, i)) : merge(...inputs);
      const output = connectable(observed({ name, stage }, inputs$, clocks, observer), {
        connector: () => new Subject<Artifact>(),
        resetOnDisconnect: false,
      });
      outputs.push(output);
      connections.unshift(() => output.connect());
    }
    return new Observable<Artifact>((subscriber) => {
      const all = new Subscription();
      all.add(merge(...outputs).subscribe(subscriber));
      // The last stage first: every listener is there before the first artifact flows.
      for (const connect of connections) all.add(connect());
      return all;
    });
  });
}

/** The inputs, kept until the stages before have ended. */
function held(
  inputs$: Observable<Artifact>,
  before: readonly Observable<Artifact>[],
): Observable<Artifact> {
  return new Observable<Artifact>((subscriber) => {
    const kept = new ReplaySubject<Artifact>();
    const all = new Subscription();
    const ended$ = merge(...before).pipe(ignoreElements());
    all.add(concat(ended$, kept).subscribe(subscriber));
    all.add(inputs$.subscribe(kept));
    return all;
  });
}

function observed(
  { name, stage }: NamedStage,
  inputs$: Observable<Artifact>,
  clocks: ReadonlyMap<string, StageClock>,
  observer: StageObserver,
): Observable<Artifact> {
  return defer(() => {
    const clock = clocks.get(name)!;
    const start = () => {
      if (clock.hasStarted) return;
      clock.start();
      observer.started(name);
    };
    if (stage.needs.length === 0) start();
    const timed$ = clock.timed(inputs$, (maker) => clocks.get(maker));
    return stage.run(timed$.pipe(tap(start))).pipe(
      tap({
        complete: () => {
          clock.end();
          if (clock.hasStarted) observer.finished(name, clock.durationMs, clock.busyMs);
        },
      }),
    );
  }).pipe(catchError((error: unknown) => throwError(() => stageFailed(name, error))));
}
