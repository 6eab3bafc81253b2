import {
  concatMap,
  filter,
  lastValueFrom,
  map,
  NEVER,
  Observable,
  of,
  Subject,
  tap,
  timer,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it, vi } from 'vitest';

import { EddyError } from '@eddy/tensor/errors';
import { chainStages } from './chain-stages.ts';
import {
  forcedStages,
  neededStages,
  orderStages,
  providerOf,
  untilStage,
  type NamedStage,
} from './order-stages.ts';
import type { Artifact, Stage } from '../contracts/stage.ts';

const silent = { started: () => undefined, finished: () => undefined };

const artifact = (kind: string, key: string): Artifact => ({ kind, stage: '', key, path: '' });

/** A stage that maps each input to one output, its key written after the input's. */
function passing(name: string, needs: string[], provides: string): NamedStage {
  const run = (inputs$: Observable<Artifact>) =>
    inputs$.pipe(map(({ key }) => artifact(provides, `${key}>${name}`)));
  return { name, stage: { needs, provides: [provides], run } };
}

function source(name: string, provides: string, artifacts$: Observable<Artifact>): NamedStage {
  return { name, stage: { needs: [], provides: [provides], run: () => artifacts$ } };
}

const names = (stages: readonly NamedStage[]) => stages.map(({ name }) => name);

describe('orderStages', () => {
  const build = source('build', 'dataset', of());
  const augment = passing('augment', ['dataset'], 'dataset');
  const train = passing('train', ['dataset'], 'checkpoint');
  const evaluate = passing('evaluate', ['dataset', 'checkpoint'], 'evaluation');

  it('keeps the order of the file where it can', () => {
    expect(names(orderStages([build, augment, train, evaluate]))).toEqual([
      'build',
      'augment',
      'train',
      'evaluate',
    ]);
  });

  it('moves a stage behind what it needs', () => {
    expect(names(orderStages([evaluate, train, augment, build]))).toEqual([
      'build',
      'augment',
      'train',
      'evaluate',
    ]);
  });

  it('keeps two transformers of one kind in the order of the file', () => {
    const second = passing('second', ['dataset'], 'dataset');
    expect(names(orderStages([build, second, augment]))).toEqual(['build', 'second', 'augment']);
    expect(names(orderStages([build, augment, second]))).toEqual(['build', 'augment', 'second']);
  });

  it('joins each training with the stages around it, and a stage that is named with that one', () => {
    const pretrain = passing('pretrain', ['dataset'], 'checkpoint');
    const first = passing('first', ['dataset', 'checkpoint'], 'evaluation');
    const more = source('more', 'dataset', of());
    const finetune = passing('finetune', ['dataset'], 'checkpoint');
    const needs = ['dataset', { kind: 'checkpoint', stage: 'pretrain' }];
    const named = { name: 'finetune', stage: { ...finetune.stage, needs } };
    const file = [build, pretrain, first, more, named, evaluate];
    const ordered = orderStages(file);
    expect(names(ordered)).toEqual(names(file));
    const providers = (index: number) =>
      ordered[index]!.stage.needs.map((need) => ordered[providerOf(ordered, index, need)]!.name);
    expect(providers(2)).toEqual(['build', 'pretrain']);
    expect(providers(4)).toEqual(['more', 'pretrain']);
    expect(providers(5)).toEqual(['more', 'finetune']);
    expect(names(orderStages([build, named, pretrain]))).toEqual(['build', 'pretrain', 'finetune']);
    expect(() => orderStages([build, named])).toThrow(/STAGE_NEED_MISSING[^]*stage pretrain/);
  });

  it('names what is missing and what goes in circles', () => {
    expect(() => orderStages([train])).toThrow(/STAGE_NEED_MISSING[^]*train needs a dataset/);
    const a = { ...passing('a', ['x'], 'y') };
    const b = passing('b', ['z'], 'x');
    const c = passing('c', ['y'], 'z');
    expect(() => orderStages([a, b, c])).toThrow(/STAGE_CYCLE/);
  });

  it('cuts at --until and forces by --force and --from', () => {
    const ordered = [build, augment, train, evaluate];
    expect(names(untilStage(ordered, 'train'))).toEqual(['build', 'augment', 'train']);
    expect(() => untilStage(ordered, 'trian')).toThrow(/STAGE_UNKNOWN/);
    expect([...forcedStages(ordered, { force: 'augment' })]).toEqual(['augment']);
    expect([...forcedStages(ordered, { from: 'train' })]).toEqual(['train', 'evaluate']);
    expect([...forcedStages(ordered, { force: true })]).toHaveLength(4);
    expect([...forcedStages(ordered, {})]).toEqual([]);
  });

  it('takes only what a stage needs', () => {
    const measure = passing('measure', ['dataset'], 'evaluation');
    const ordered = [build, augment, train, evaluate, measure];
    expect(names(neededStages(ordered, ['measure']))).toEqual(['build', 'augment', 'measure']);
    expect(names(neededStages(ordered, ['evaluate']))).toEqual(names(ordered.slice(0, 4)));
    expect(names(neededStages(ordered, undefined))).toEqual(names(ordered));
    expect(() => neededStages(ordered, ['mesure'])).toThrow(/STAGE_UNKNOWN/);
  });
});

describe('chainStages', () => {
  it('starts a stage that has the engine to itself when those before it have ended', async () => {
    const log: string[] = [];
    const training = (name: string): NamedStage => ({
      name,
      stage: {
        needs: ['dataset'],
        provides: ['checkpoint'],
        usesEngine: true,
        run: (inputs$) =>
          inputs$.pipe(
            concatMap(({ key }) => {
              log.push(`${name} begins`);
              return timer(5).pipe(map(() => artifact('checkpoint', `${key}>${name}`)));
            }),
          ),
      },
    });
    const measure: NamedStage = {
      name: 'measure',
      stage: {
        needs: ['checkpoint'],
        provides: ['evaluation'],
        run: (inputs$) =>
          inputs$.pipe(
            concatMap(({ key }) => timer(5).pipe(map(() => artifact('evaluation', key)))),
            tap(({ key }) => log.push(`${key} measured`)),
          ),
      },
    };
    const build = source('build', 'dataset', of(artifact('dataset', 'data')));
    await lastValueFrom(chainStages([build, training('one'), measure, training('two')], silent));
    expect(log).toEqual(['one begins', 'data>one measured', 'two begins']);
  });

  it('gives each stage the stream of the nearest earlier provider', () => {
    const marbles = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    marbles.run(({ cold, expectObservable }) => {
      const data = { a: artifact('dataset', 'a'), b: artifact('dataset', 'b') };
      const training: Stage['run'] = (inputs$) =>
        inputs$.pipe(
          concatMap(({ key }) => timer(5).pipe(map(() => artifact('checkpoint', `${key}>train`)))),
        );
      const chained$ = chainStages(
        [
          source('build', 'dataset', cold('a 19ms b 19ms |', data)),
          passing('augment', ['dataset'], 'dataset'),
          {
            name: 'train',
            stage: { needs: ['dataset'], provides: ['checkpoint'], run: training },
          },
          passing('evaluate', ['checkpoint'], 'evaluation'),
        ],
        silent,
      ).pipe(map(({ key }) => key));
      expectObservable(chained$).toBe('(ab)-(cd) 11ms (ef)-(gh) 11ms |', {
        a: 'a',
        b: 'a>augment',
        c: 'a>augment>train',
        d: 'a>augment>train>evaluate',
        e: 'b',
        f: 'b>augment',
        g: 'b>augment>train',
        h: 'b>augment>train>evaluate',
      });
    });
  });

  it('subscribes each stage once, and listeners before data flows', () => {
    let subscriptions = 0;
    const data$ = new Observable<Artifact>((subscriber) => {
      subscriptions++;
      subscriber.next(artifact('dataset', 'd'));
      subscriber.complete();
    });
    const seen: string[] = [];
    chainStages(
      [
        source('build', 'dataset', data$),
        passing('train', ['dataset'], 'checkpoint'),
        passing('evaluate', ['dataset', 'checkpoint'], 'evaluation'),
      ],
      silent,
    ).subscribe(({ kind, key }) => seen.push(`${kind} ${key}`));
    expect(subscriptions).toBe(1);
    expect(seen.sort()).toEqual([
      'checkpoint d>train',
      'dataset d',
      'evaluation d>evaluate',
      'evaluation d>train>evaluate',
    ]);
  });

  it('starts a stage at its first input, finishes it at its end', () => {
    const events: string[] = [];
    const data = new Subject<Artifact>();
    chainStages([source('build', 'dataset', data), passing('train', ['dataset'], 'checkpoint')], {
      started: (stage) => events.push(`start ${stage}`),
      finished: (stage, durationMs) => events.push(`finish ${stage} ${durationMs >= 0}`),
    }).subscribe();
    expect(events).toEqual(['start build']);
    data.next(artifact('dataset', 'd'));
    expect(events).toEqual(['start build', 'start train']);
    data.complete();
    expect(events.slice(2).sort()).toEqual(['finish build true', 'finish train true']);
  });

  it('counts as busy what a stage works, not how long it waits for others', async () => {
    vi.useFakeTimers();
    try {
      const after = <T>(ms: number, value: T) =>
        new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));
      // Trains for 100 ms twice, and waits until each checkpoint is measured.
      const train: Stage['run'] = (inputs$) =>
        inputs$.pipe(
          concatMap(
            () =>
              new Observable<Artifact>((subscriber) => {
                const work = async () => {
                  for (const key of ['one', 'two']) {
                    await after(100, null);
                    let turn: Promise<unknown> = Promise.resolve();
                    const waitUntil: Artifact['waitUntil'] = (task) => {
                      const done = turn.then(task);
                      turn = done;
                      return done;
                    };
                    subscriber.next({ ...artifact('checkpoint', key), stage: 'train', waitUntil });
                    await turn;
                  }
                  subscriber.complete();
                };
                void work();
              }),
          ),
        );
      const measure =
        (ms: number): Stage['run'] =>
        (inputs$) =>
          inputs$.pipe(
            filter(({ kind }) => kind === 'checkpoint'),
            concatMap((input) =>
              input.waitUntil!(() => after(ms, artifact('evaluation', input.key))),
            ),
          );
      const times: Record<string, [number, number]> = {};
      const needs = ['dataset', 'checkpoint'];
      const provides = ['evaluation'];
      chainStages(
        [
          source('build', 'dataset', timer(40).pipe(map(() => artifact('dataset', 'd')))),
          { name: 'train', stage: { needs: ['dataset'], provides: ['checkpoint'], run: train } },
          { name: 'evaluate', stage: { needs, provides, run: measure(30) } },
          { name: 'more', stage: { needs, provides, run: measure(7) } },
        ],
        {
          started: () => undefined,
          finished: (stage, duration, busy) => (times[stage] = [duration, busy]),
        },
      ).subscribe();
      await vi.advanceTimersByTimeAsync(1000);
      expect(times).toEqual({
        build: [40, 40],
        train: [274, 200],
        evaluate: [274, 60],
        more: [274, 14],
      });
    } finally {
      vi.useRealTimers();
    }
  });

  it('does nothing before it is subscribed, and stops everything when unsubscribed', () => {
    const log: string[] = [];
    const lasting = (name: string): Stage['run'] => {
      return (inputs$) =>
        new Observable((subscriber) => {
          log.push(`start ${name}`);
          const inner = inputs$.subscribe((input) => subscriber.next(artifact('x', input.key)));
          return () => {
            inner.unsubscribe();
            log.push(`stop ${name}`);
          };
        });
    };
    const chained$ = chainStages(
      [
        source('a', 'x', NEVER),
        { name: 'b', stage: { needs: ['x'], provides: ['y'], run: lasting('b') } },
      ],
      silent,
    );
    expect(log).toEqual([]);
    chained$.subscribe().unsubscribe();
    expect(log).toEqual(['start b', 'stop b']);
  });

  it('names the stage that failed, keeps the code, stops the others', () => {
    let stopped = false;
    const failing = (error: unknown): NamedStage => ({
      name: 'train',
      stage: {
        needs: ['dataset'],
        provides: [],
        run: (inputs$) =>
          inputs$.pipe(
            map(() => {
              throw error;
            }),
          ),
      },
    });
    const lasting$ = new Observable<Artifact>((subscriber) => {
      const sending = setTimeout(() => subscriber.next(artifact('dataset', 'd')));
      return () => {
        clearTimeout(sending);
        stopped = true;
      };
    });
    const errorOf = (error: unknown) =>
      new Promise<unknown>((resolve) => {
        chainStages([source('build', 'dataset', lasting$), failing(error)], silent).subscribe({
          error: resolve,
        });
      });
    const coded = new EddyError({ code: 'NON_FINITE', message: 'loss', fix: 'x', exitCode: 75 });
    return Promise.all([
      expect(errorOf(new TypeError('oops'))).resolves.toMatchObject({
        code: 'STAGE_FAILED',
        facts: { at: 'train', received: 'TypeError: oops' },
        cause: expect.any(TypeError) as TypeError,
      }),
      expect(errorOf(coded)).resolves.toMatchObject({
        code: 'NON_FINITE',
        exitCode: 75,
        facts: { message: 'stage train: loss' },
      }),
    ]).then(() => expect(stopped).toBe(true));
  });

  it('names the stage whose `run` throws before it makes a stream', async () => {
    const run = () => {
      throw new TypeError('oops');
    };
    const broken: NamedStage = { name: 'train', stage: { needs: [], provides: [], run } };
    await expect(lastValueFrom(chainStages([broken], silent))).rejects.toMatchObject({
      code: 'STAGE_FAILED',
      facts: { at: 'train', received: 'TypeError: oops' },
    });
  });
});
