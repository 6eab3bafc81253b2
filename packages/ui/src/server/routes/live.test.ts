import { Hono } from 'hono';
import { expect, it } from 'vitest';

import type { UiContext } from '../http/context.ts';
import { LiveHub } from '../live/live-hub.ts';
import { liveRoutes } from './live.ts';

it('has a listener for as long as somebody reads, and none for HEAD', async () => {
  const live = new LiveHub(async () => undefined);
  const api = new Hono();
  liveRoutes(api, { live } as UiContext);
  const head = await api.request('/live?topic=runs', { method: 'HEAD' });
  expect([head.status, live.clients]).toEqual([200, 0]);
  const got = await api.request('/live?topic=runs');
  expect([got.status, live.clients]).toEqual([200, 1]);
  await got.body!.cancel();
  expect(live.clients).toBe(0);
  live.close();
});
