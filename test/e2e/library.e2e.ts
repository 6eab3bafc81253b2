/** Eddy called from a program of one's own. */
import { readSettings, watchPipeline, type RunEvent } from '@eddy/core';
import { take, toArray, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { join } from 'node:path';

import { BUILTIN } from '../../packages/cli/src/project/builtin.ts';
import { TINY, Workplace } from './eddy-cli.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.remove());

const watch = async (overrides: string[] = []) =>
  watchPipeline({
    file: place.write('tiny.yml', TINY),
    overrides: ['loggers=[]', ...overrides],
    builtin: BUILTIN,
    settings: await readSettings({ environment: { EDDY_CACHE: join(place.folder, 'cache') } }),
    runsFolder: join(place.folder, 'runs'),
  });

describe('watchPipeline', () => {
  it('is a cold stream of the run’s events', async () => {
    const events = await firstValueFrom((await watch()).pipe(toArray()));
    expect(events[0]!.type).toBe('run-started');
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', status: 'done' });
  });

  it('stops cleanly when unsubscribed', async () => {
    const events: RunEvent[] = [];
    const stopping = (await watch(['train.epochs=4000', 'train.evalInterval=4000'])).pipe(take(12));
    await new Promise<void>((done) => {
      stopping.subscribe({ next: (event) => events.push(event), complete: done });
    });
    expect(events).toHaveLength(12);
  });

  it('passes on errors', async () => {
    const failing = await watch(['train.model.hiddenSize=x']);
    await expect(firstValueFrom(failing)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
