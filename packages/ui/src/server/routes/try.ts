/** `/api/runs/:id/model`: the model of a run's newest checkpoint, for the page Try. */
import { readFile } from 'node:fs/promises';

import type { Routes } from '../http/context.ts';

export const tryRoutes: Routes = (api, { openRun, services }) => {
  api.get('/runs/:id/model', async (c) => {
    const { found } = await openRun(c.req.param('id'));
    const file = await services.webModel(found.path);
    const bytes = new Uint8Array(await readFile(file));
    return c.body(bytes, 200, { 'content-type': 'application/octet-stream' });
  });
};
