/** `/api/sweeps/:id`: the arms and trials of a sweep. */
import { toJson } from '@eddy/core/report';

import { Sweeps } from '../../reader/sweep.ts';
import type { Routes } from '../http/context.ts';
import { notFound } from '../http/problem.ts';

export const sweepRoutes: Routes = (api, { rows, refreshRows }) => {
  const sweeps = new Sweeps();
  api.get('/sweeps/:id', async (c) => {
    await refreshRows();
    const found = rows.sweep(c.req.param('id'));
    if (found === undefined) throw notFound('sweep');
    const view = await sweeps.view(found, rows.view().rows);
    // Metrics may be not-a-number, which JSON lacks.
    return c.body(toJson(view), 200, { 'content-type': 'application/json' });
  });
};
