/** `/api/compare`: in what several runs differ. */
import { compareRuns, type OpenedRun } from '../../reader/compare.ts';
import type { Routes } from '../http/context.ts';
import { badRequest } from '../http/problem.ts';

const [FEWEST, MOST] = [2, 8];

export const compareRoutes: Routes = (api, { openRun }) => {
  api.get('/compare', async (c) => {
    const ids = [...new Set(c.req.queries('id') ?? [])];
    if (ids.length < FEWEST || ids.length > MOST) {
      throw badRequest('too few runs, or too many', `name ${FEWEST} to ${MOST} runs as id=…`);
    }
    const runs: OpenedRun[] = [];
    for (const id of ids) runs.push(await openRun(id));
    return c.json(await compareRuns(runs));
  });
};
