/** `/api/runs`: the list. */
import { toJson } from '@eddy/core/report';

import type { Routes } from '../http/context.ts';

export const runsRoutes: Routes = (api, { rows, refreshRows }) => {
  api.get('/runs', async (c) => {
    await refreshRows();
    return c.body(toJson(rows.view()), 200, { 'content-type': 'application/json' });
  });
};
